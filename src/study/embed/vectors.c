/* Choosing the samples of an embedding, and having the vectors that stand for them on all ranks. */
#include "study/embed/vectors.h"

#include "base/memory.h"
#include "base/paths.h"
#include "data/records.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 256, LEAST_OF_CLASS = 3 };

/* ---- Which samples -----------------------------------------------------------------------------
 */

/* A path has a slash or an ending, the name of a dataset neither. */
static int open_dataset(ls_dataset **out, const char *name) {
  char *path = NULL;
  bool file = strchr(name, '/') || strchr(name, '.');
  int status = LS_OK;
  if (!file) status = ls_dataset_path(&path, name);
  if (status == LS_OK) status = ls_dataset_open(out, file ? name : path);
  free(path);
  return status;
}

static int choose_of_dataset(embed_samples *s, const ls_embedding_options *options) {
  int status = open_dataset(&s->own, options->dataset);
  if (status != LS_OK) return status;
  s->dataset = s->own;
  if (options->split == LS_SPLIT_VALIDATION) {
    return ls_fail(LS_INVALID, "embed: --split: without a model there are no validation samples "
                               "(expected train or test)");
  }
  s->part = options->split == LS_SPLIT_TRAIN ? LS_TRAIN : LS_TEST;
  size_t n = s->own->count[s->part];
  if (n == 0) return ls_fail(LS_INVALID, "%s: there are no test samples", s->own->path);
  return ls_samples_choose(&s->chosen, n, n, NULL, NULL);
}

/* Those of the first model, which must be those of the others. */
static int choose_of_models(embed_samples *s, const ls_embedding_options *options,
                            ls_trained *const *models) {
  s->dataset = models[0]->plan->dataset;
  int status = ls_trained_samples(&s->chosen, &s->part, models[0], options->split);
  for (size_t i = 1; i < options->model_count && status == LS_OK; i++) {
    ls_samples other = {0};
    ls_part part = LS_TEST;
    status = ls_trained_samples(&other, &part, models[i], options->split);
    bool same = status == LS_OK && part == s->part && other.count == s->chosen.count &&
                strcmp(models[i]->plan->dataset->path, s->dataset->path) == 0 &&
                memcmp(other.numbers, s->chosen.numbers, other.count * sizeof(uint32_t)) == 0;
    if (status == LS_OK && !same) {
      status = ls_fail(LS_INVALID, "%s: has other samples than %s (expected the same)",
                       models[i]->path, models[0]->path);
    }
    ls_samples_free(&other);
  }
  return status;
}

static int keep_first(embed_samples *s, size_t first) {
  if (first > s->chosen.count) {
    return ls_fail(LS_INVALID, "embed: --first %zu: there are %zu samples", first, s->chosen.count);
  }
  if (first > 0) s->chosen.count = first;
  return LS_OK;
}

static int read_labels(embed_samples *s, size_t target) {
  int32_t *all = ls_new(s->dataset->count[s->part], sizeof *all);
  s->labels = ls_new(s->chosen.count, sizeof *s->labels);
  int status = all && s->labels ? LS_OK : LS_FAILED;
  if (status == LS_OK) status = ls_dataset_labels(s->dataset, s->part, target, all);
  for (size_t i = 0; i < s->chosen.count && status == LS_OK; i++) {
    s->labels[i] = all[s->chosen.numbers[i]];
  }
  free(all);
  return status;
}

/* A hull or an ellipse takes three points. */
static int check_classes(const embed_samples *s) {
  for (size_t c = 0; c < s->classes.count; c++) {
    size_t count = 0;
    for (size_t i = 0; i < s->chosen.count; i++) count += (size_t)s->labels[i] == c;
    if (count > 0 && count < LEAST_OF_CLASS) {
      return ls_fail(LS_INVALID,
                     "embed: class %s has %zu of the %zu samples (expected %d or more, or none)",
                     s->classes.names[c], count, s->chosen.count, LEAST_OF_CLASS);
    }
  }
  return LS_OK;
}

int embed_samples_create(embed_samples *s, const ls_embedding_options *options,
                         ls_trained *const *models) {
  *s = (embed_samples){0};
  size_t target = 0;
  int status = options->model_count > 0 ? choose_of_models(s, options, models)
                                        : choose_of_dataset(s, options);
  if (status == LS_OK) status = keep_first(s, options->first);
  if (status != LS_OK) return status;
  while (target < s->dataset->target_count && s->dataset->targets[target].classes == 0) target++;
  if (target == s->dataset->target_count) {
    return ls_fail(LS_INVALID, "%s: its samples have no classes", s->dataset->path);
  }
  status = read_labels(s, target);
  if (status == LS_OK) status = classes_read(&s->classes, s->dataset, target);
  return status == LS_OK ? check_classes(s) : status;
}

void embed_samples_destroy(embed_samples *s) {
  ls_dataset_free(&s->own);
  ls_samples_free(&s->chosen);
  free(s->labels);
  classes_destroy(&s->classes);
}

/* ---- Vectors -----------------------------------------------------------------------------------
 */

static int create(ls_embed_input *out, size_t samples, size_t features) {
  ls_real *x = ls_new(samples * features, sizeof *x);
  *out = (ls_embed_input){samples, features, x};
  return x ? LS_OK : LS_FAILED;
}

static void destroy(ls_embed_input *out) {
  free((void *)out->x);
  *out = (ls_embed_input){0};
}

/* Every rank reads the file by itself. Without a model the samples are the first ones. */
static int read_inputs(const ls_embed_input *out, const embed_samples *s) {
  const ls_dataset *dataset = s->dataset;
  unsigned char *records = ls_new(PIECE, dataset->record_bytes);
  int status = records ? LS_OK : LS_FAILED;
  for (size_t first = 0; first < out->samples && status == LS_OK; first += PIECE) {
    size_t n = out->samples - first < PIECE ? out->samples - first : PIECE;
    status = ls_dataset_read(dataset, s->part, first, n, records);
    for (size_t i = 0; i < n && status == LS_OK; i++) {
      ls_real *x = (ls_real *)out->x + (first + i) * out->features;
      ls_dataset_decode(dataset, records + i * dataset->record_bytes, x);
    }
  }
  free(records);
  return status;
}

int embed_inputs(ls_embed_input *out, const embed_samples *samples, const ls_group *world) {
  size_t features = (size_t)ls_shape_size(&samples->dataset->shape);
  int status = create(out, samples->chosen.count, features);
  if (status == LS_OK) status = read_inputs(out, samples);
  status = ls_group_agree(world, status);
  if (status != LS_OK) destroy(out);
  return status;
}

typedef struct collecting {
  const ls_trained *model;
  size_t layer, features;
  ls_real *x;
} collecting;

static int visit(void *context, const ls_chunk *piece) {
  const collecting *c = context;
  const ls_real *y = ls_trained_output(c->model, piece->workspace, c->layer);
  size_t count = piece->n * c->features;
  memcpy(c->x + piece->first * c->features, y, count * sizeof *y);
  for (size_t k = 0; k < count; k++) {
    if (isfinite((double)y[k])) continue;
    return ls_fail(LS_FAILED, "%s: what its layer gives for sample %u is not a number",
                   c->model->path, piece->ids[k / c->features]);
  }
  return LS_OK;
}

/* Collective: gives all ranks what each has of x, which elsewhere is 0. */
static int gather(const ls_embed_input *out, const ls_group *world) {
  double *block = ls_new(PIECE * out->features, sizeof *block);
  int status = ls_group_agree(world, block ? LS_OK : LS_FAILED);
  for (size_t first = 0; first < out->samples && status == LS_OK; first += PIECE) {
    size_t n = out->samples - first < PIECE ? out->samples - first : PIECE;
    ls_real *x = (ls_real *)out->x + first * out->features;
    for (size_t k = 0; k < n * out->features; k++) block[k] = (double)x[k];
    status = ls_group_sum(world, block, n * out->features);
    for (size_t k = 0; k < n * out->features; k++) x[k] = (ls_real)block[k];
  }
  free(block);
  return status;
}

int embed_outputs(ls_embed_input *out, const embed_samples *samples, const ls_trained *model,
                  size_t layer, const ls_group *world) {
  ls_shape shape = ls_trained_shape(model, layer);
  size_t features = (size_t)ls_shape_size(&shape);
  ls_inputs *inputs = NULL;
  int status = ls_group_agree(world, create(out, samples->chosen.count, features));
  collecting c = {model, layer, features, (ls_real *)out->x};
  ls_inference inference = {.model = model, .visit = visit, .visit_context = &c};
  if (status == LS_OK) {
    status = ls_inputs_create(&inputs, samples->dataset, samples->part, &samples->chosen, world);
  }
  if (status == LS_OK) status = ls_infer(inputs, &inference);
  ls_inputs_free(&inputs);
  if (status == LS_OK) status = gather(out, world);
  if (status != LS_OK) destroy(out);
  return status;
}
