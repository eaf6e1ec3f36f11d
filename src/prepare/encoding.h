/* How columns of a source become numbers: inputs, a target, weights.
 *
 * An encoding is a list of features, each made of one column: numbers as they are, with a value for
 * those that are missing; categories one-hot, or as the number of the category. It is created from
 * the data for training and applied to other data, found by the names of the columns. A dataset
 * file stores that of its inputs as JSON, in the attribute `encoding` of /train/x:
 *   [{"column": "age", "fill": 37.5}, {"column": "colour", "categories": ["blue", "red"],
 *     "one_hot": true}]
 * All functions are local. */
#ifndef LS_PREPARE_ENCODING_H
#define LS_PREPARE_ENCODING_H

#include "prepare/source.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct ls_feature {
  char *column;
  char **categories; /* [category_count]; NULL: numbers */
  double *values;    /* [category_count], sorted: the classes of a column of numbers; or NULL */
  size_t category_count;
  bool one_hot;   /* else the number of the category */
  double fill;    /* for missing numbers; NaN: they are errors */
  bool crop;      /* images, which are cut to the ratio of sides before scaling */
  ls_shape shape; /* of what it makes of a sample */
  size_t width;
} ls_feature;

typedef struct ls_encoding {
  ls_feature *features;
  size_t count;
  size_t width; /* numbers that it makes of a sample */
  bool bytes;   /* all of them are integers from 0 to 255 */
} ls_encoding;

/* Makes features of columns of a source, which are numbers or texts. */
int ls_encoding_create(ls_encoding **out, const ls_column *const *columns, size_t count,
                       bool one_hot);

/* Makes class numbers of one column of texts, or of numbers with these sorted values (taken over).
 */
int ls_encoding_create_classes(ls_encoding **out, const ls_column *column, double *values,
                               size_t value_count);

/* The shape of what is made of a sample: that of the only column, else a vector. */
ls_shape ls_encoding_shape(const ls_encoding *encoding);

/* Returns the name of element `index` of what is made, "age" or "colour=red"; to be freed. */
char *ls_encoding_name(const ls_encoding *encoding, size_t index);

/* JSON, to be freed; and an encoding from it. LS_INVALID, naming `path`, for anything else. */
int ls_encoding_format(char **json, const ls_encoding *encoding);
int ls_encoding_parse(ls_encoding **out, const char *json, const char *path);

/* Sets how to read a source to which the encoding will be applied: columns of categories, and size
 * and channels of images. `texts` has room for the features, and is borrowed by the options. */
void ls_encoding_set_options(const ls_encoding *encoding, const char **texts,
                             ls_source_options *options);

/* Whether both make the same numbers of the same sample, apart from values for missing ones. */
bool ls_encoding_is_same(const ls_encoding *one, const ls_encoding *other);

void ls_encoding_free(ls_encoding **encoding);

/* An encoding and the columns of a source to which it is applied; borrows both. */
typedef struct ls_encoder ls_encoder;

/* Finds the columns by name. LS_INVALID if one is missing or of another kind. */
int ls_encoder_create(ls_encoder **out, const ls_encoding *encoding, const ls_source *source);

/* Whether any of its columns has a missing value in the row. */
bool ls_encoder_is_missing(const ls_encoder *encoder, const double *row);

/* Makes numbers [width] of a row. LS_INVALID, with the place, for a missing value without a fill, a
 * category that the encoding does not have, or a number too large for a float. */
int ls_encoder_apply(const ls_encoder *encoder, const double *row, size_t place, float *out);

void ls_encoder_free(ls_encoder **encoder);

#endif
