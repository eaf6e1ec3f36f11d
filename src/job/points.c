/* Drawing the points of a sweep, leaving out those that are there already, and then numbering the
 * values that each variable has. While they are drawn, a point is a row of cells [variable]: the
 * number of a listed value, the value itself of a distribution, or NaN for none. */
#include "job/points.h"

#include "base/memory.h"
#include "job/conditions.h"
#include "job/distributions.h"
#include "job/sobol.h"
#include "job/values.h"
#include "lockstep/error.h"
#include "lockstep/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ls_points_needed(const ls_variables *variables) {
  bool needed = false;
  for (size_t v = 0; v < variables->count; v++) {
    const ls_values *values = &variables->items[v];
    needed |= values->drawn || values->joint || values->condition;
  }
  return needed;
}

/* Points as they are drawn. */
typedef struct drawing {
  const ls_variables *variables;
  const ls_sampling *sampling;
  const ls_node *section;
  ls_conditions *conditions; /* [variable] */
  size_t drawn;              /* variables that are */
  size_t combinations;       /* of listed values, for each draw */
  uint64_t seed;
  double *cells; /* [point, variable] */
  size_t count, capacity;
  size_t *table, slots; /* hash table: a point in each slot, SIZE_MAX for none */
} drawing;

static int fail(const drawing *d, const char *key, const char *what) {
  const ls_path sweep = {NULL, "sweep", 0}, path = {&sweep, key, 0};
  const ls_node *at = key ? ls_node_find(d->section, key) : NULL;
  return ls_diagnostic_fail(at ? at->place : d->section->place, key ? &path : &sweep, "%s", what);
}

/* ---- One draw -------------------------------------------------------------------------------- */

/* A number between 0 and 1, exclusive: of draw `draw` for the drawn variable `place`. */
static double fraction(const drawing *d, size_t draw, size_t place) {
  ls_stream stream = {d->seed, LS_RANDOM_SAMPLER, d->sampling->sampler, (uint32_t)place, 0};
  uint32_t bits[2];
  if (d->sampling->sampler == LS_SAMPLER_SOBOL) {
    ls_random_bits(stream, 0, 1, bits); /* the same for all draws: the dimension's scrambling */
    uint32_t coordinate = ls_sobol_scramble(ls_sobol((uint32_t)draw, place), bits[0]);
    return ((double)coordinate + 0.5) * 0x1p-32;
  }
  stream.sample = (uint32_t)draw;
  ls_random_bits(stream, 0, 2, bits);
  return ((double)bits[0] + ((double)(bits[1] >> 12) + 0.5) * 0x1p-20) * 0x1p-32;
}

/* Sets the cells of the drawn variables. */
static void draw_cells(const drawing *d, size_t draw, double *cells) {
  for (size_t v = 0, place = 0; v < d->variables->count; v++) {
    const ls_values *values = &d->variables->items[v];
    if (!values->drawn) continue;
    double u = fraction(d, draw, place++);
    if (values->distribution) {
      char text[LS_DRAWN_TEXT];
      ls_distribution_draw(text, values->distribution, values->arguments, u);
      cells[v] = strtod(text, NULL);
    } else {
      cells[v] = floor(u * (double)values->count);
    }
  }
}

/* Sets the cells of the variables whose values are listed. */
static void combine_cells(const drawing *d, size_t combination, double *cells) {
  size_t row = SIZE_MAX; /* of the joint variables, of which the last sets it */
  for (size_t v = d->variables->count; v-- > 0;) {
    const ls_values *values = &d->variables->items[v];
    if (values->drawn) continue;
    bool known = values->joint && row != SIZE_MAX;
    size_t value = known ? row : combination % values->count;
    if (!known) combination /= values->count;
    if (values->joint) row = value;
    cells[v] = (double)value;
  }
}

/* Clears the cells of variables that have no value, in order: a condition on such a one fails. */
static void apply_conditions(const drawing *d, double *cells) {
  for (size_t v = 0; v < d->variables->count; v++) {
    if (!ls_conditions_hold(&d->conditions[v], cells)) cells[v] = NAN;
  }
}

/* ---- Points that are there already ----------------------------------------------------------- */

static bool same_cells(const double *a, const double *b, size_t count) {
  bool same = true;
  for (size_t v = 0; v < count; v++) same &= a[v] == b[v] || (isnan(a[v]) && isnan(b[v]));
  return same;
}

/* FNV-1a of the cells' bits. */
static uint64_t hash_cells(const double *cells, size_t count) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t v = 0; v < count; v++) {
    double cell = isnan(cells[v]) ? NAN : cells[v];
    unsigned char bytes[sizeof cell];
    memcpy(bytes, &cell, sizeof cell);
    for (size_t i = 0; i < sizeof bytes; i++) hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
  }
  return hash ^ (hash >> 32);
}

/* Adds the row of cells behind the last point unless it is one already. */
static bool add_point(drawing *d) {
  size_t width = d->variables->count;
  const double *cells = d->cells + d->count * width;
  size_t slot = hash_cells(cells, width) % d->slots;
  for (; d->table[slot] != SIZE_MAX; slot = (slot + 1) % d->slots) {
    if (same_cells(d->cells + d->table[slot] * width, cells, width)) return false;
  }
  d->table[slot] = d->count++;
  return true;
}

/* ---- All draws ------------------------------------------------------------------------------- */

static bool add_draw(drawing *d, size_t draw) {
  bool added = false;
  for (size_t c = 0; c < d->combinations; c++) {
    double *cells = d->cells + d->count * d->variables->count;
    draw_cells(d, draw, cells);
    combine_cells(d, c, cells);
    apply_conditions(d, cells);
    added |= add_point(d);
  }
  return added;
}

static int add_draws(drawing *d, size_t wanted) {
  size_t found = 0, most = 64 * wanted + 1024;
  for (size_t draw = 0; draw < most && found < wanted; draw++) found += add_draw(d, draw);
  if (found == wanted || d->drawn == 0) return LS_OK;
  char what[160];
  snprintf(what, sizeof what,
           "%zu are more than the variables have (expected at most %zu, the different ones among "
           "%zu)",
           wanted, found, most);
  return fail(d, "count", what);
}

/* Joint variables have as many values each, and are one in the combinations. */
static int count_combinations(drawing *d) {
  const ls_values *joint = NULL;
  d->combinations = 1;
  for (size_t v = 0; v < d->variables->count; v++) {
    const ls_values *values = &d->variables->items[v];
    d->drawn += values->drawn;
    if (values->drawn || (values->joint && joint)) continue;
    if (values->joint) joint = values;
    if (values->count > LS_MAX_TRIALS / d->combinations)
      return fail(d, NULL, "has too many points");
    d->combinations *= values->count;
  }
  return LS_OK;
}

static int check_sampling(const drawing *d) {
  const ls_sampling *s = d->sampling;
  if (d->drawn > 0 && s->draws == 0) {
    return fail(d, NULL, "needs 'count' (number of points that are drawn)");
  }
  if (s->sampler == LS_SAMPLER_SOBOL && d->drawn > LS_SOBOL_DIMENSIONS) {
    return fail(d, "sampler", "sobol has 32 dimensions (expected no more drawn variables)");
  }
  if (s->draws > LS_MAX_TRIALS / d->combinations) return fail(d, "count", "has too many points");
  return LS_OK;
}

static int read_conditions(drawing *d, ls_arena *arena) {
  d->conditions = ls_arena_new(arena, d->variables->count * sizeof *d->conditions);
  int status = d->conditions ? LS_OK : LS_FAILED;
  for (size_t v = 0; v < d->variables->count && status == LS_OK; v++) {
    status = ls_conditions_read(&d->conditions[v], arena, d->variables, v);
  }
  return status;
}

static int read_seed(drawing *d) {
  int64_t seed = 0;
  const ls_node *node = d->sampling->seed;
  if (d->drawn > 0 && node && !ls_node_integer(node, &seed)) {
    return ls_diagnostic_fail(node->place, NULL,
                              "train.seed: found '%s' (expected an integer, by which the points of "
                              "the sweep are drawn)",
                              node->text ? node->text : "a list or mapping");
  }
  d->seed = (uint64_t)seed;
  return LS_OK;
}

static int allocate(drawing *d, size_t draws) {
  d->capacity = draws * d->combinations;
  d->slots = 2 * d->capacity + 1;
  d->cells = ls_new((d->capacity + 1) * d->variables->count, sizeof *d->cells);
  d->table = ls_new(d->slots, sizeof *d->table);
  if (!d->cells || !d->table) return LS_FAILED;
  for (size_t i = 0; i < d->slots; i++) d->table[i] = SIZE_MAX;
  return LS_OK;
}

/* ---- Numbering the values -------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Lists the different values that a drawn variable has, in ascending order; returns how many. */
static size_t list_numbers(const drawing *d, size_t variable, double *numbers) {
  size_t count = 0, different = 0;
  for (size_t p = 0; p < d->count; p++) {
    double cell = d->cells[p * d->variables->count + variable];
    if (!isnan(cell)) numbers[count++] = cell;
  }
  qsort(numbers, count, sizeof *numbers, compare_numbers);
  for (size_t i = 0; i < count; i++) {
    if (i == 0 || numbers[i] != numbers[i - 1]) numbers[different++] = numbers[i];
  }
  return different;
}

/* Gives a drawn variable its values, and its cells their numbers. */
static int make_values(drawing *d, ls_values *values, size_t variable, ls_arena *arena,
                       double *numbers) {
  values->count = list_numbers(d, variable, numbers);
  values->nodes = ls_arena_new(arena, values->count * sizeof *values->nodes);
  if (!values->nodes) return LS_FAILED;
  for (size_t i = 0; i < values->count; i++) {
    char text[LS_DRAWN_TEXT];
    int length = snprintf(text, sizeof text, "%.15g", numbers[i]);
    const char *kept = ls_arena_text(arena, text, (size_t)length);
    values->nodes[i] = kept ? ls_node_new_scalar(arena, kept, values->place) : NULL;
    if (!values->nodes[i]) return LS_FAILED;
  }
  for (size_t p = 0; p < d->count; p++) {
    double *cell = &d->cells[p * d->variables->count + variable];
    const double *found =
        isnan(*cell) ? NULL
                     : bsearch(cell, numbers, values->count, sizeof *numbers, compare_numbers);
    if (found) *cell = (double)(found - numbers);
  }
  return LS_OK;
}

static int number_values(drawing *d, ls_variables *variables, ls_arena *arena) {
  double *numbers = ls_new(d->count, sizeof *numbers);
  int status = numbers ? LS_OK : LS_FAILED;
  for (size_t v = 0; v < variables->count && status == LS_OK; v++) {
    ls_values *values = &variables->items[v];
    if (values->distribution) status = make_values(d, values, v, arena, numbers);
  }
  free(numbers);
  return status;
}

static int keep_points(ls_points *out, const drawing *d, ls_arena *arena) {
  size_t cells = d->count * d->variables->count;
  out->count = d->count;
  out->index = ls_arena_new(arena, cells * sizeof *out->index);
  if (!out->index) return LS_FAILED;
  for (size_t i = 0; i < cells; i++) {
    out->index[i] = isnan(d->cells[i]) ? LS_NO_VALUE : (uint32_t)d->cells[i];
  }
  return LS_OK;
}

int ls_points_make(ls_points *out, ls_variables *variables, const ls_sampling *sampling,
                   ls_arena *arena, const ls_node *section) {
  drawing d = {.variables = variables, .sampling = sampling, .section = section};
  *out = (ls_points){0};
  int status = count_combinations(&d);
  if (status == LS_OK) status = check_sampling(&d);
  if (status == LS_OK) status = read_seed(&d);
  if (status == LS_OK) status = read_conditions(&d, arena);
  size_t draws = d.drawn > 0 ? sampling->draws : 1;
  if (status == LS_OK) status = allocate(&d, draws);
  if (status == LS_OK) status = add_draws(&d, draws);
  if (status == LS_OK) status = number_values(&d, variables, arena);
  if (status == LS_OK) status = keep_points(out, &d, arena);
  free(d.cells);
  free(d.table);
  return status;
}
