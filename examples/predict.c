/* Predicts with a trained model:
 *
 *   predict MODEL.h5 DATASET.h5 [COUNT]   inputs from a dataset file's test part
 *   predict MODEL.h5 < INPUTS             inputs as raw float32, in the byte order of this machine
 *
 * One line for each input: its outputs, separated by blanks; of a model with several heads one head
 * after the other. Build with: cc predict.c $(pkg-config --cflags --libs lockstep) */
#include <lockstep/predictor.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 256, MAX_OUTPUTS = 16 };

/* A model and the memory of a batch. */
typedef struct prediction {
  ls_predictor *predictor;
  size_t input_size, output_count, output_size[MAX_OUTPUTS];
  ls_real *x, *y[MAX_OUTPUTS];
} prediction;

static int fail(const char *message) {
  fprintf(stderr, "predict: %s\n", message);
  return EXIT_FAILURE;
}

static int allocate(prediction *p) {
  ls_shape input = ls_predictor_input(p->predictor);
  p->input_size = (size_t)ls_shape_size(&input);
  p->output_count = ls_predictor_output_count(p->predictor);
  if (p->output_count > MAX_OUTPUTS) return fail("the model has too many outputs");
  p->x = calloc(BATCH * p->input_size, sizeof *p->x);
  int complete = p->x != NULL;
  for (size_t k = 0; k < p->output_count; k++) {
    ls_shape output = ls_predictor_output(p->predictor, k);
    p->output_size[k] = (size_t)ls_shape_size(&output);
    p->y[k] = calloc(BATCH * p->output_size[k], sizeof *p->y[k]);
    complete = complete && p->y[k];
  }
  return complete ? EXIT_SUCCESS : fail("out of memory");
}

static void print_outputs(const prediction *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < p->output_count; k++) {
      const ls_real *y = p->y[k] + i * p->output_size[k];
      for (size_t j = 0; j < p->output_size[k]; j++) {
        printf("%s%.9g", k + j > 0 ? " " : "", (double)y[j]);
      }
    }
    printf("\n");
  }
}

/* Reads up to n inputs, from number `first` of the dataset on, or the next ones of standard input.
 */
static int read_inputs(prediction *p, const char *dataset, size_t first, size_t n, size_t *read) {
  if (dataset) return ls_predictor_read(p->predictor, dataset, first, n, p->x, read);
  for (*read = 0; *read < n; ++*read) {
    for (size_t j = 0; j < p->input_size; j++) {
      float value;
      if (fread(&value, sizeof value, 1, stdin) != 1) {
        return j == 0 ? LS_OK : ls_fail(LS_INVALID, "standard input: ends within an input");
      }
      p->x[*read * p->input_size + j] = value;
    }
  }
  return LS_OK;
}

static int predict(prediction *p, const char *dataset, size_t count) {
  size_t read = 0;
  for (size_t done = 0; done < count; done += read) {
    size_t n = count - done < BATCH ? count - done : BATCH;
    if (read_inputs(p, dataset, done, n, &read) != LS_OK ||
        ls_predictor_run(p->predictor, read, p->x, p->y) != LS_OK) {
      return fail(ls_error_message());
    }
    print_outputs(p, read);
    if (read < n) break;
  }
  return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
  if (argc < 2 || argc > 4) return fail("usage: predict MODEL.h5 [DATASET.h5 [COUNT]]");
  const char *dataset = argc > 2 ? argv[2] : NULL;
  size_t count = argc > 3 ? strtoul(argv[3], NULL, 10) : SIZE_MAX;
  prediction p = {0};
  if (ls_predictor_open(&p.predictor, argv[1]) != LS_OK) return fail(ls_error_message());
  int status = allocate(&p);
  if (status == EXIT_SUCCESS) status = predict(&p, dataset, count);
  free(p.x);
  for (size_t k = 0; k < p.output_count && k < MAX_OUTPUTS; k++) free(p.y[k]);
  ls_predictor_close(&p.predictor);
  return status;
}
