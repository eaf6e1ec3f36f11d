/* Random forests. A tree's sample is kept sorted by each variable: a node is a range of these
 * lists, and a split divides each of them without changing the order. */
#include "report/forest.h"

#include "lockstep/error.h"
#include "lockstep/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_NODE = 5 };

typedef struct node {
  size_t variable; /* SIZE_MAX: a leaf */
  double threshold, mean;
  size_t below, above; /* nodes of values up to the threshold, and beyond */
} node;

typedef struct forest {
  const report_forest_data *data;
  double mean, variance; /* of y */
  size_t *order;         /* [variable, point], points by ascending value */
  /* Of the current tree. */
  size_t *sample;  /* [variable, draw], its points by ascending value */
  size_t *spare;   /* [draw] */
  uint32_t *draws; /* [draw] */
  size_t *counts;  /* [point], how often it was drawn */
  node *nodes;
  size_t node_count;
  size_t *left_out; /* points that were not drawn */
  size_t left_out_count;
  uint32_t *permutation; /* of these */
  /* Sums over trees. */
  double *increase;    /* [variable], of the mean squared error */
  double *predictions; /* [point], by trees that do not know it */
  size_t *predicted;   /* [point], how many these are */
} forest;

static double value_of(const forest *f, size_t variable, size_t point) {
  return f->data->x[variable * f->data->points + point];
}

/* ---- Preparing ---- */

static int compare_points(const void *a, const void *b, void *values) {
  size_t p = *(const size_t *)a, q = *(const size_t *)b;
  double x = ((const double *)values)[p], y = ((const double *)values)[q];
  return x != y ? (x > y) - (x < y) : (p > q) - (p < q);
}

static void sort_points(forest *f) {
  size_t n = f->data->points;
  for (size_t v = 0; v < f->data->variables; v++) {
    size_t *order = f->order + v * n;
    for (size_t p = 0; p < n; p++) order[p] = p;
    qsort_r(order, n, sizeof *order, compare_points, (void *)(f->data->x + v * n));
  }
}

static void measure(forest *f) {
  size_t n = f->data->points;
  double sum = 0, squares = 0;
  for (size_t p = 0; p < n; p++) sum += f->data->y[p];
  f->mean = sum / (double)n;
  for (size_t p = 0; p < n; p++) squares += pow(f->data->y[p] - f->mean, 2);
  f->variance = squares / (double)n;
}

static int create(forest *f, ls_memory *memory, const report_forest_data *data) {
  size_t n = data->points, v = data->variables;
  *f = (forest){.data = data,
                .order = ls_memory_new(memory, v * n, sizeof *f->order),
                .sample = ls_memory_new(memory, v * n, sizeof *f->sample),
                .spare = ls_memory_new(memory, n, sizeof *f->spare),
                .draws = ls_memory_new(memory, n, sizeof *f->draws),
                .counts = ls_memory_new(memory, n, sizeof *f->counts),
                .nodes = ls_memory_new(memory, 2 * n, sizeof *f->nodes),
                .left_out = ls_memory_new(memory, n, sizeof *f->left_out),
                .permutation = ls_memory_new(memory, n, sizeof *f->permutation),
                .increase = ls_memory_new(memory, v, sizeof *f->increase),
                .predictions = ls_memory_new(memory, n, sizeof *f->predictions),
                .predicted = ls_memory_new(memory, n, sizeof *f->predicted)};
  if (ls_memory_status(memory) != LS_OK) return LS_FAILED;
  sort_points(f);
  measure(f);
  return LS_OK;
}

/* ---- Growing a tree ---- */

/* Draws the sample of a tree, with replacement. */
static void draw_sample(forest *f, uint32_t tree) {
  size_t n = f->data->points;
  const ls_stream stream = {.purpose = LS_RANDOM_FOREST, .epoch = tree};
  ls_random_bits(stream, 0, n, f->draws);
  memset(f->counts, 0, n * sizeof *f->counts);
  for (size_t i = 0; i < n; i++) f->counts[(uint64_t)f->draws[i] * n >> 32]++;
  f->left_out_count = 0;
  for (size_t p = 0; p < n; p++) {
    if (f->counts[p] == 0) f->left_out[f->left_out_count++] = p;
  }
  for (size_t v = 0; v < f->data->variables; v++) {
    size_t *sample = f->sample + v * n;
    for (size_t i = 0; i < n; i++) {
      for (size_t k = 0; k < f->counts[f->order[v * n + i]]; k++) *sample++ = f->order[v * n + i];
    }
  }
}

static double mean_of(const forest *f, size_t begin, size_t end) {
  double sum = 0;
  for (size_t i = begin; i < end; i++) sum += f->data->y[f->sample[i]];
  return sum / (double)(end - begin);
}

/* Finds the split of a node that reduces the sum of squares most; its variable stays SIZE_MAX where
 * none does. */
static void find_split(const forest *f, node *out, size_t begin, size_t end) {
  double most = 1e-12 * f->variance, count = (double)(end - begin);
  for (size_t v = 0; v < f->data->variables; v++) {
    const size_t *sample = f->sample + v * f->data->points;
    double sum = 0; /* of differences from the mean, which add up to 0 */
    for (size_t i = begin; i + 1 < end; i++) {
      double here = value_of(f, v, sample[i]), next = value_of(f, v, sample[i + 1]);
      double below = (double)(i + 1 - begin);
      sum += f->data->y[sample[i]] - out->mean;
      double reduction = sum * sum * count / (below * (count - below));
      if (here == next || !(reduction > most)) continue;
      most = reduction;
      out->variable = v;
      out->threshold = here + (next - here) / 2;
    }
  }
}

/* Divides the lists of a node; returns where the part above the threshold begins. */
static size_t divide(forest *f, const node *split, size_t begin, size_t end) {
  size_t middle = begin;
  for (size_t v = 0; v < f->data->variables; v++) {
    size_t *sample = f->sample + v * f->data->points, above = 0;
    middle = begin;
    for (size_t i = begin; i < end; i++) {
      size_t point = sample[i];
      if (value_of(f, split->variable, point) <= split->threshold) {
        sample[middle++] = point;
      } else {
        f->spare[above++] = point;
      }
    }
    memcpy(sample + middle, f->spare, above * sizeof *sample);
  }
  return middle;
}

static size_t grow(forest *f, size_t begin, size_t end) {
  size_t number = f->node_count++;
  node n = {.variable = SIZE_MAX, .mean = mean_of(f, begin, end)};
  if (end - begin > SMALL_NODE) find_split(f, &n, begin, end);
  if (n.variable != SIZE_MAX) {
    size_t middle = divide(f, &n, begin, end);
    n.below = grow(f, begin, middle);
    n.above = grow(f, middle, end);
  }
  f->nodes[number] = n;
  return number;
}

/* ---- Testing a tree ---- */

/* The prediction for a point whose value of one variable (SIZE_MAX: none) is that of another. */
static double predict(const forest *f, size_t point, size_t variable, size_t other) {
  const node *n = f->nodes;
  while (n->variable != SIZE_MAX) {
    double x = value_of(f, n->variable, n->variable == variable ? other : point);
    n = &f->nodes[x <= n->threshold ? n->below : n->above];
  }
  return n->mean;
}

/* The sum of squared errors for the points left out, whose values of a variable are permuted. */
static double error_of(const forest *f, size_t variable) {
  double sum = 0;
  for (size_t i = 0; i < f->left_out_count; i++) {
    size_t point = f->left_out[i];
    size_t other = variable == SIZE_MAX ? point : f->left_out[f->permutation[i]];
    sum += pow(f->data->y[point] - predict(f, point, variable, other), 2);
  }
  return sum;
}

static void test_tree(forest *f, uint32_t tree) {
  size_t count = f->left_out_count;
  if (count == 0) return;
  double error = error_of(f, SIZE_MAX);
  for (size_t v = 0; v < f->data->variables; v++) {
    ls_stream stream = {.purpose = LS_RANDOM_FOREST, .epoch = tree, .layer = (uint32_t)v + 1};
    ls_random_permutation(stream, count, f->permutation);
    f->increase[v] += (error_of(f, v) - error) / (double)count;
  }
  for (size_t i = 0; i < count; i++) {
    size_t point = f->left_out[i];
    f->predictions[point] += predict(f, point, SIZE_MAX, 0);
    f->predicted[point]++;
  }
}

/* ---- The whole ---- */

static double explained(const forest *f) {
  double errors = 0, squares = 0;
  for (size_t p = 0; p < f->data->points; p++) {
    if (f->predicted[p] == 0) continue;
    double y = f->data->y[p];
    errors += pow(y - f->predictions[p] / (double)f->predicted[p], 2);
    squares += pow(y - f->mean, 2);
  }
  return squares > 0 ? 1 - errors / squares : 0;
}

int report_forest_grow(report_forest *out, ls_memory *memory, const report_forest_data *data) {
  forest f;
  ls_memory own = {0};
  *out = (report_forest){0};
  out->importance = ls_memory_new(memory, data->variables, sizeof *out->importance);
  int status = out->importance ? create(&f, &own, data) : LS_FAILED;
  for (uint32_t tree = 0; tree < REPORT_FOREST_TREES && status == LS_OK && f.variance > 0; tree++) {
    draw_sample(&f, tree);
    f.node_count = 0;
    grow(&f, 0, data->points);
    test_tree(&f, tree);
  }
  for (size_t v = 0; v < data->variables && status == LS_OK && f.variance > 0; v++) {
    out->importance[v] = f.increase[v] / REPORT_FOREST_TREES / (2 * f.variance);
  }
  if (status == LS_OK) out->explained = explained(&f);
  ls_memory_free(&own);
  return status;
}
