/* Converting sources to a dataset file: which columns are inputs, targets and weights, which
 * samples are for testing, and what happens to missing values. Local.
 *
 * The source is read several times, in blocks; the file is made under a temporary name, so that
 * nothing is left of a conversion that fails. */
#ifndef LS_PREPARE_CONVERSION_H
#define LS_PREPARE_CONVERSION_H

#include "prepare/source.h"

#include <stdint.h>

/* What happens to a sample with a missing value. */
typedef enum ls_missing {
  LS_MISSING_REFUSE,
  LS_MISSING_MEAN,   /* of the column's values for training */
  LS_MISSING_MEDIAN, /* the same; takes 4 bytes of memory for each value */
  LS_MISSING_DROP,   /* the sample is left out */
} ls_missing;

/* Whether a target is classes or values. By default texts are classes, and so are numbers of an
 * array of integers; and integers of a CSV file if there are at most 20 different ones. */
typedef enum ls_target_kind { LS_TARGET_AUTO, LS_TARGET_CLASS, LS_TARGET_VALUE } ls_target_kind;

typedef struct ls_target_choice {
  const char *column;
  ls_target_kind kind;
} ls_target_choice;

enum { LS_MOST_CHOICES = 64 };

/* A column of sample weights. */
typedef struct ls_weight_choice {
  const char *column;
  const char
      *head; /* of the model, whose loss has the weights; "": all that have none of their own */
} ls_weight_choice;

/* A list of names from the command line, borrowed. */
typedef struct ls_names {
  const char *items[LS_MOST_CHOICES];
  size_t count;
} ls_names;

/* All pointers are borrowed. */
typedef struct ls_conversion {
  const char *source;
  ls_source_options reading;
  ls_names inputs; /* none: all columns that have no other use */
  /* None: the columns y for training and y_test for testing, or the same in one of the other common
   * ways to name parts (array_names in conversion.c). */
  ls_target_choice targets[LS_MOST_CHOICES];
  size_t target_count;
  bool target_vector; /* the targets are the values of one, such as several labels */
  ls_names test_inputs, test_targets; /* of the samples for testing, if their names differ */
  ls_weight_choice weights[LS_MOST_CHOICES];
  size_t weight_count;
  const char *group; /* a column, or NULL */
  ls_names dropped, texts;
  const char *test;     /* a file, or NULL; not needed with test_inputs */
  double test_fraction; /* without a file; 0: no test part */
  bool stratify;        /* by the first target */
  uint64_t seed;
  bool one_hot; /* categories, else their numbers */
  ls_missing missing;
  const char *title, *history;
} ls_conversion;

/* Makes the dataset file at `path`. `summary`, to be freed, has a line for each column: its type
 * and use. LS_INVALID, with the place, for anything wrong in a source. */
int ls_convert(char **summary, const char *path, const ls_conversion *conversion);

#endif
