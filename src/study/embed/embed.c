/* Embeddings: opens the models, projects their vectors one after another, hands the projections on.
 */
#include "study/embed/embedding.h"

#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ITERATIONS = 1000 };
static const char *const method_names[LS_EMBED_METHODS] = {"PCA", "t-SNE"};

/* ---- One projection ----------------------------------------------------------------------------
 */

/* Collective. */
static int place(projection *p, const ls_embed_input *input, const ls_embedding_options *options,
                 const ls_peers *peers) {
  double shares[2];
  size_t n = input->samples;
  bool random = p->method == LS_EMBED_TSNE && options->random;
  const ls_tsne_options tsne = {options->perplexity, ITERATIONS};
  p->y = ls_new(2 * n, sizeof *p->y);
  int status = p->y ? LS_OK : LS_FAILED;
  if (status == LS_OK && random) status = ls_tsne_scatter(n, options->seed, p->y);
  status = peers->agree(peers->context, status);
  if (status == LS_OK && !random) status = ls_embed_pca(peers, input, 2, p->y, shares);
  if (status != LS_OK) return status;
  if (p->method == LS_EMBED_PCA) {
    memcpy(p->shares, shares, sizeof shares);
    return LS_OK;
  }
  if (!random) ls_tsne_scale(n, p->y);
  return ls_tsne(peers, input, &tsne, p->y, &p->divergence);
}

static int name(projection *p, const embedding *e, const ls_trained *model, const char *layer) {
  ls_text source = {0}, text = {0};
  ls_text_add(&source, "%s", layer);
  if (e->options->model_count > 1) ls_text_add(&source, " (%s)", model->name);
  ls_text_add(&text, "%s of %s", method_names[p->method], source.data ? source.data : "");
  p->source = ls_text_take(&source);
  p->name = ls_text_take(&text);
  return p->source && p->name ? LS_OK : LS_FAILED;
}

/* Collective: the same vectors by each method. */
static int project(embedding *e, const ls_embed_input *input, const ls_trained *model,
                   const char *layer, const ls_peers *peers) {
  int status = LS_OK;
  for (size_t m = 0; m < e->options->method_count && status == LS_OK; m++) {
    projection *p = &e->projections[e->count++];
    *p = (projection){.method = e->options->methods[m], .shares = {NAN, NAN}, .divergence = NAN};
    status = peers->agree(peers->context, name(p, e, model, layer));
    if (status == LS_OK) status = place(p, input, e->options, peers);
  }
  return status;
}

/* ---- All of them -------------------------------------------------------------------------------
 */

/* Collective: frees the vectors in between, which may be much more than is made of them. */
static int project_all(embedding *e, ls_trained *const *models, const size_t *layers,
                       const ls_group *world) {
  const ls_embedding_options *o = e->options;
  ls_peers peers = ls_group_peers(world, false);
  ls_embed_input input;
  size_t sources = o->model_count > 0 ? o->model_count * o->layer_count : 1;
  e->projections = ls_new(sources * o->method_count, sizeof *e->projections);
  int status = ls_group_agree(world, e->projections ? LS_OK : LS_FAILED);
  for (size_t k = 0; k < sources && status == LS_OK; k++) {
    ls_trained *model = o->model_count > 0 ? models[k / o->layer_count] : NULL;
    status = model ? embed_outputs(&input, &e->samples, model, layers[k], world)
                   : embed_inputs(&input, &e->samples, world);
    if (status != LS_OK) break;
    const char *layer = model ? o->layers[k % o->layer_count] : "the input";
    status = project(e, &input, model, layer, &peers);
    free((void *)input.x);
  }
  return status;
}

/* The numbers of the layers [model, layer]. */
static int find_layers(size_t *layers, const ls_embedding_options *o, ls_trained *const *models) {
  int status = LS_OK;
  for (size_t k = 0; k < o->model_count * o->layer_count && status == LS_OK; k++) {
    status =
        ls_trained_layer(models[k / o->layer_count], o->layers[k % o->layer_count], &layers[k]);
  }
  return status;
}

/* What else can be told before anything is computed. */
static int check(const embedding *e) {
  size_t n = e->samples.chosen.count;
  if (e->options->neighbours >= n) {
    return ls_fail(LS_INVALID, "embed: --neighbours %zu: there are %zu samples",
                   e->options->neighbours, n);
  }
  for (size_t m = 0; m < e->options->method_count; m++) {
    if (e->options->methods[m] == LS_EMBED_PCA || e->options->perplexity < (double)n) continue;
    return ls_fail(LS_INVALID, "embed: --perplexity %g: there are %zu samples (expected more)",
                   e->options->perplexity, n);
  }
  return LS_OK;
}

/* Collective: opens the models and looks at everything that was asked for. */
static int prepare(embedding *e, ls_trained **models, size_t *layers, const ls_group *world) {
  const ls_embedding_options *o = e->options;
  ls_trained_options opening = {.dataset = o->dataset};
  int status = ls_group_agree(world, models && layers ? LS_OK : LS_FAILED);
  for (size_t i = 0; i < o->model_count && status == LS_OK; i++) {
    status = ls_trained_open(&models[i], o->models[i], &opening, world);
  }
  if (status == LS_OK) status = find_layers(layers, o, models);
  if (status == LS_OK) status = embed_samples_create(&e->samples, o, models);
  if (status == LS_OK) status = check(e);
  return ls_group_agree(world, status);
}

/* On one rank: measures, writes, draws, prints. */
static int report(embedding *e, FILE *out) {
  const embed_samples *s = &e->samples;
  int status = LS_OK;
  for (size_t i = 0; i < e->count && status == LS_OK; i++) {
    status = separation_create(&e->projections[i].separation, s->chosen.count, e->projections[i].y,
                               s->labels, s->classes.count, e->options->neighbours);
  }
  if (status == LS_OK) status = embed_write(e);
  return status == LS_OK ? embed_print(e, out) : status;
}

static void destroy(embedding *e) {
  for (size_t i = 0; i < e->count; i++) {
    projection *p = &e->projections[i];
    free(p->name);
    free(p->source);
    free(p->y);
    separation_destroy(&p->separation);
  }
  free(e->projections);
  embed_samples_destroy(&e->samples);
}

int ls_embedding(const ls_embedding_options *options, const ls_group *world, FILE *out) {
  embedding e = {.options = options};
  ls_trained **models = ls_new(options->model_count, sizeof *models);
  size_t *layers = ls_new(options->model_count * options->layer_count, sizeof *layers);
  int status = prepare(&e, models, layers, world);
  if (status == LS_OK) status = project_all(&e, models, layers, world);
  if (status == LS_OK) {
    status = ls_group_agree(world, world->rank == 0 ? report(&e, out) : LS_OK);
  }
  destroy(&e);
  for (size_t i = 0; models && i < options->model_count; i++) ls_trained_free(&models[i]);
  free(models);
  free(layers);
  return status;
}
