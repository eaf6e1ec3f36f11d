/* Predicting with a trained model.
 *
 * A predictor is opened from a model file that a run of Lockstep has left
 * (results/NAME/trial_1/best.h5, for one). It needs neither the dataset that the model was trained
 * on nor MPI, and takes batches of any size. Transforms of the job are applied with what they have
 * learnt in training.
 *
 *   ls_predictor *predictor;
 *   if (ls_predictor_open(&predictor, "best.h5") != LS_OK) { puts(ls_error_message()); ... }
 *   ls_predictor_run(predictor, n, x, &y);
 *   ls_predictor_close(&predictor);
 *
 * Functions that can fail return an ls_status. All are local; a predictor is used by one thread at
 * a time. */
#ifndef LOCKSTEP_PREDICTOR_H
#define LOCKSTEP_PREDICTOR_H

#include "lockstep/error.h"
#include "lockstep/types.h"
#include "lockstep/visibility.h"

#include <stddef.h>

LS_BEGIN_DECLARATIONS

typedef struct ls_predictor ls_predictor;

/* Opens a model file. LS_INVALID, naming the file, if it is not a model file of Lockstep's, if its
 * job has a layer that this program does not (ls_layer_register), or if the file of
 * an earlier version lacks what a transform has learnt. *out is then NULL. */
int ls_predictor_open(ls_predictor **out, const char *path);

/* Frees the predictor and sets *predictor to NULL. */
void ls_predictor_close(ls_predictor **predictor);

/* Returns the shape of one input: [784], or [height, width, channel]. */
ls_shape ls_predictor_input(const ls_predictor *predictor);

/* Returns the number of outputs: of the job's heads, 1 where it has none. */
size_t ls_predictor_output_count(const ls_predictor *predictor);

/* Returns the name of an output, that of its head; "" where the job has no heads. Owned by the
 * predictor. */
const char *ls_predictor_output_name(const ls_predictor *predictor, size_t output);

/* Returns the shape of an output for one input. */
ls_shape ls_predictor_output(const ls_predictor *predictor, size_t output);

/* Returns whether the file records how inputs were made and what outputs are, which files of
 * earlier versions do not: the functions below then return 0, NULL or 1. */
int ls_predictor_is_described(const ls_predictor *predictor);

/* Returns how many classes an output predicts: its elements are one for each class, mostly
 * probabilities; a single element is the probability of the second of two. 0: the output is values,
 * or an earlier version wrote the file, without this. */
size_t ls_predictor_class_count(const ls_predictor *predictor, size_t output);

/* Returns the probability of the second of two classes above which an output is taken for it: that
 * of the job's tune_threshold, else 0.5. */
double ls_predictor_threshold(const ls_predictor *predictor, size_t output);

/* Returns the probability above which a sample has a label, an element of an output of values: that
 * of the job's tune_threshold; NaN where the job tunes none. */
double ls_predictor_label_threshold(const ls_predictor *predictor, size_t output, size_t element);

/* Returns the name that the training dataset gives a class; NULL if it gives none. Owned by the
 * predictor. */
const char *ls_predictor_class_name(const ls_predictor *predictor, size_t output, size_t number);

/* Returns the name that the training dataset gives an element of an output of values; NULL if it
 * gives none. Owned by the predictor. */
const char *ls_predictor_value_name(const ls_predictor *predictor, size_t output, size_t element);

/* Returns the factor by which the numbers stored in the training dataset were multiplied; 1 if an
 * earlier version wrote the file, without this. */
double ls_predictor_scale(const ls_predictor *predictor);

/* Returns how the training dataset's inputs were made of columns, as a list of features in JSON;
 * NULL if they were not made of columns. Owned by the predictor. */
const char *ls_predictor_encoding(const ls_predictor *predictor);

/* Runs n inputs through the model. `x` [n, input] holds them in row-major order and as the training
 * dataset scales them: bytes divided by 255, mostly. y[k] [n, output k] is set to output k, with
 * its last activation applied (the probabilities of a softmax) and in the units of the training
 * targets, also where these were scaled; outputs whose y[k] is NULL are left out. The last bits of
 * an output may depend on n. Uses one thread, which afterwards treats subnormal numbers as 0.
 * LS_FAILED if there is no memory. */
int ls_predictor_run(ls_predictor *predictor, size_t n, const ls_real *x, ls_real *const *y);

/* Reads up to n inputs of a dataset file's test part (of its training part, where it has no test
 * part), from number `first` on, scaled, into `x` [n, input]; *read is set to how many there were.
 * LS_INVALID, naming the file, if it is not a dataset file or its inputs do not have as many
 * elements as the model's. */
int ls_predictor_read(const ls_predictor *predictor, const char *path, size_t first, size_t n,
                      ls_real *x, size_t *read);

LS_END_DECLARATIONS

#endif
