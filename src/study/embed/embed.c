/* Embedding: projects vectors, source after source (inputs, or outputs of a layer), then writes the
 * output. */
#include "study/embed/result.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "study/model/output.h"
#include "study/model/trained_layers.h"

#include <math.h>
#include <stdlib.h>

enum { ITERATIONS = 1000 };

/* On one rank: sets positions y [sample, 2] to the principal components, or to those from which
 * t-SNE starts. */
static int place(embed_projection *p, double *y, const ls_embed_input *input,
                 const ls_embed_options *options) {
  double fractions[2];
  if (p->method == LS_EMBED_PCA) return ls_embed_pca(input, 2, y, p->fractions);
  if (options->random) return ls_tsne_scatter(input->samples, options->seed, y);
  int status = ls_embed_pca(input, 2, y, fractions);
  if (status == LS_OK) ls_tsne_scale(input->samples, y);
  return status;
}

/* Collective: sets positions y [sample, 2]. */
static int project(embed_projection *p, double *y, const ls_embed_input *input,
                   const ls_embed_options *options, const ls_group *world) {
  const ls_tsne_options tsne = {options->perplexity, ITERATIONS};
  const ls_peers peers = ls_group_peers(world, false);
  int status = ls_group_agree(world, world->rank == 0 ? place(p, y, input, options) : LS_OK);
  if (status == LS_OK) {
    status = ls_group_broadcast(world, y, 2 * input->samples * sizeof *y, 0);
  }
  if (status != LS_OK || p->method == LS_EMBED_PCA) return status;
  return ls_tsne(&peers, input, &tsne, y, &p->divergence);
}

/* Collective: inputs (model NULL), or outputs of a layer, on all ranks; x is to be freed. */
static int read_vectors(ls_embed_input *out, const embed_result *r, const ls_trained *model,
                        size_t layer, const ls_group *world) {
  ls_shape shape = model ? ls_trained_shape(model, layer) : r->dataset->shape;
  size_t n = r->samples.count, features = (size_t)ls_shape_size(&shape);
  ls_real *x = ls_new(n * features, sizeof *x);
  *out = (ls_embed_input){n, features, x};
  int status = x ? LS_OK : LS_FAILED;
  if (status == LS_OK && !model) { /* every rank reads the file by itself */
    status = ls_samples_read(x, r->dataset, r->part, n, r->samples.numbers);
  }
  status = ls_group_agree(world, status);
  if (status != LS_OK || !model) return status;
  return ls_infer_layer(x, model, layer, r->part, &r->samples, world);
}

/* "t-SNE of dense (c2_mlp)"; the model is named where there are several. */
static const char *name(embed_result *r, ls_embed_method method, const ls_trained *model,
                        const char *layer) {
  static const char *const methods[LS_EMBED_METHODS] = {"PCA", "t-SNE"};
  if (r->options->model_count < 2) {
    return ls_memory_text(&r->memory, "%s of %s", methods[method], layer);
  }
  return ls_memory_text(&r->memory, "%s of %s (%s)", methods[method], layer, model->name);
}

/* Collective: source k by each method. Its vectors, which may be much larger than the positions,
 * are freed before the next one's are made. */
static int project_source(embed_result *r, size_t k, const ls_group *world) {
  const ls_embed_options *o = r->options;
  const ls_trained *model = o->model_count > 0 ? r->models[k / o->layer_count] : NULL;
  const char *layer = model ? o->layers[k % o->layer_count] : "the input";
  ls_embed_input input;
  int status = read_vectors(&input, r, model, model ? r->layers[k] : 0, world);
  for (size_t m = 0; m < o->method_count && status == LS_OK; m++) {
    size_t i = r->count++;
    embed_projection *p = &r->projections[i];
    *p = (embed_projection){.method = o->methods[m], .fractions = {NAN, NAN}, .divergence = NAN};
    p->name = name(r, p->method, model, layer);
    status = ls_group_agree(world, ls_memory_status(&r->memory));
    if (status == LS_OK) {
      status = project(p, r->positions + i * 2 * input.samples, &input, o, world);
    }
  }
  free((void *)input.x);
  return status;
}

static int compute(embed_result *r, const ls_group *world) {
  const ls_embed_options *o = r->options;
  size_t sources = o->model_count > 0 ? o->model_count * o->layer_count : 1;
  size_t count = sources * o->method_count;
  r->projections = ls_memory_new(&r->memory, count, sizeof *r->projections);
  r->positions = ls_memory_new(&r->memory, count * r->samples.count, 2 * sizeof *r->positions);
  int status = ls_group_agree(world, ls_memory_status(&r->memory));
  for (size_t k = 0; k < sources && status == LS_OK; k++) status = project_source(r, k, world);
  if (status == LS_OK && world->rank == 0) status = embed_separate(r);
  return ls_group_agree(world, status);
}

/* ---- The output ---- */

static const ls_output output = {"Samples projected to two dimensions", embed_write, embed_draw,
                                 embed_print};

int ls_study_embed(const ls_embed_options *options, const ls_group *world, FILE *out) {
  embed_result r = {.options = options};
  int status = embed_plan(&r, world);
  if (status == LS_OK) status = compute(&r, world);
  if (status == LS_OK) status = ls_output_save(&output, &r, &options->file, world, out);
  ls_trained_free_all(&r.models, options->model_count);
  ls_dataset_free(&r.own);
  ls_samples_free(&r.samples);
  classes_destroy(&r.classes);
  ls_memory_free(&r.memory);
  return status;
}
