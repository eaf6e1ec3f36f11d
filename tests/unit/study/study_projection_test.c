/* Principal components, affinities and t-SNE: against scikit-learn, and the same bits on any number
 * of ranks. */
#include "reference.h"

enum { SHOWN = 6 }; /* rows of affinities in embed.txt */
static const double PERPLEXITY = 12;

/* What one team does. */
typedef struct projecting {
  ls_embed_input input;
  ls_tsne_options options;
  double *out[MOST_RANKS], more[MOST_RANKS][4];
  int status[MOST_RANKS];
} projecting;

static void run_tsne(void *context, const ls_peers *peers) {
  projecting *p = context;
  int r = peers->rank;
  p->status[r] = ls_embed_pca(&p->input, 2, p->out[r], p->more[r]);
  if (p->status[r] != LS_OK) return;
  ls_tsne_scale(p->input.samples, p->out[r]);
  p->status[r] = ls_tsne(peers, &p->input, &p->options, p->out[r], &p->more[r][2]);
}

/* Runs on `ranks` ranks, which must agree bit for bit; returns the result of rank 0, to be freed.
 */
static double *project(projecting *p, void (*run)(void *, const ls_peers *), size_t ranks) {
  size_t count = 2 * p->input.samples;
  for (size_t r = 0; r < ranks; r++) p->out[r] = new_array(count, sizeof(double));
  run_team(ranks, false, run, p);
  for (size_t r = 0; r < ranks; r++) {
    assert_int_equal(p->status[r], LS_OK);
    assert_memory_equal(p->out[r], p->out[0], count * sizeof(double));
    assert_memory_equal(p->more[r], p->more[0], sizeof p->more[0]);
    if (r > 0) free(p->out[r]);
  }
  return p->out[0];
}

static void expect_scores(ls_embed_input input, const char *name, size_t components) {
  double *expected = read_table(name, input.samples, components);
  double *scores = new_array(input.samples * components, sizeof *scores), fractions[3];
  assert_int_equal(ls_embed_pca(&input, components, scores, fractions), LS_OK);
  for (size_t c = 0; c < components; c++) {
    double agree = 0;
    for (size_t i = c; i < input.samples * components; i += components) {
      agree += scores[i] * expected[i];
    }
    for (size_t i = c; i < input.samples * components; i += components) {
      expect_near(agree < 0 ? -scores[i] : scores[i], expected[i], 1e-5);
    }
  }
  if (components == 3) {
    double *shares = read_table("shares", 1, components);
    expect_all_near(components, fractions, shares, 1e-7);
    free(shares);
  }
  free(scores);
  free(expected);
  free((void *)input.x);
}

static void components_are_as_in_scikit_learn(void **state) {
  (void)state;
  expect_scores(read_input("x", SAMPLES, FEATURES), "scores", 3);
  expect_scores(read_input("wide", 12, 300), "wide_scores", 2); /* more features than samples */
}

/* ---- t-SNE ----------------------------------------------------------------------------------- */

typedef struct affine {
  ls_embed_input input;
  float *p; /* [sample, sample], filled by all ranks */
} affine;

static void run_affinities(void *context, const ls_peers *peers) {
  affine *a = context;
  ls_affinities own;
  assert_int_equal(ls_affinities_create(peers, &a->input, PERPLEXITY, &own), LS_OK);
  for (size_t i = 0; i < own.count; i++) {
    memcpy(a->p + (own.first + i) * own.samples, own.p + i * own.stride,
           own.samples * sizeof(float));
  }
  free(own.p);
}

static void affinities_are_as_in_scikit_learn(void **state) {
  (void)state;
  affine a = {.input = read_input("x", SAMPLES, FEATURES)};
  a.p = new_array(SAMPLES * SAMPLES, sizeof *a.p);
  double *expected = read_table("affinities", SHOWN, SAMPLES), sum = 0;
  for (size_t ranks = 1; ranks <= 6; ranks++) { /* the last without a row */
    memset(a.p, 0, SAMPLES * SAMPLES * sizeof *a.p);
    run_team(ranks, false, run_affinities, &a);
    for (size_t i = 0; i < SHOWN * SAMPLES; i++) {
      expect_near((double)a.p[i], expected[i], 1e-8 + 1e-4 * expected[i]);
    }
  }
  for (size_t i = 0; i < SAMPLES * SAMPLES; i++) sum += (double)a.p[i];
  expect_near(sum, 1, 1e-6);
  free(expected);
  free(a.p);
  free((void *)a.input.x);
}

static void run_descent(void *context, const ls_peers *peers) {
  projecting *p = context;
  double *scores = read_table("scores", SAMPLES, 3), *y = p->out[peers->rank];
  for (size_t k = 0; k < 2 * SAMPLES; k++) y[k] = scores[k / 2 * 3 + k % 2];
  free(scores);
  ls_tsne_scale(SAMPLES, y);
  p->status[peers->rank] = ls_tsne(peers, &p->input, &p->options, y, &p->more[peers->rank][2]);
}

static void descends_as_scikit_learn_does(void **state) {
  (void)state;
  double *expected = read_table("descended", SAMPLES, 2);
  projecting p = {.input = read_input("x", SAMPLES, FEATURES), .options = {PERPLEXITY, 8}};
  double *y = project(&p, run_descent, 2);
  expect_all_near(2 * SAMPLES, y, expected, 2e-3);
  free(y);
  free(expected);
  free((void *)p.input.x);
}

/* In the end rounding has decided between minima, which differ by a few per cent. */
static void comes_down_as_far(void **state) {
  (void)state;
  double *expected = read_table("divergence", 1, 1);
  projecting p = {.input = read_input("x", SAMPLES, FEATURES), .options = {PERPLEXITY, 1000}};
  free(project(&p, run_descent, 1));
  expect_near(p.more[0][2], *expected, 0.1 * *expected);
  free(expected);
  free((void *)p.input.x);
}

static void ranks_change_nothing(void **state) {
  (void)state;
  /* More samples than a piece has, and than a block of the sums; all features in several pieces. */
  projecting p = {.input = make_input(1100, 300), .options = {30, 260}};
  double *alone = project(&p, run_tsne, 1), more[4];
  memcpy(more, p.more[0], sizeof more);
  for (size_t ranks = 2; ranks <= 5; ranks += 3) {
    double *together = project(&p, run_tsne, ranks);
    assert_memory_equal(alone, together, 2 * p.input.samples * sizeof *alone);
    assert_memory_equal(more, p.more[0], sizeof more);
    free(together);
  }
  free(alone);
  free((void *)p.input.x);
}

/* Copies of one sample are at the same distance from all others, 0 from one another. */
static void copies_are_fine(void **state) {
  (void)state;
  projecting p = {.input = make_input(50, 4), .options = {5, 300}};
  for (size_t i = 4; i < 80; i++) ((ls_real *)p.input.x)[i] = p.input.x[i - 4];
  double *y = project(&p, run_tsne, 2);
  for (size_t i = 0; i < 100; i++) assert_true(isfinite(y[i]));
  assert_true(isfinite(p.more[0][2]));
  free(y);
  free((void *)p.input.x);
}

static void begins_where_it_should(void **state) {
  (void)state;
  enum { N = 2000 };
  double y[2 * N], other[2 * N], squares = 0;
  assert_int_equal(ls_tsne_scatter(N, 1, y), LS_OK);
  for (size_t i = 0; i < 2 * N; i++) squares += y[i] * y[i] / (2 * N);
  expect_near(sqrt(squares), 1e-4, 3e-6);
  assert_int_equal(ls_tsne_scatter(N, 2, other), LS_OK);
  assert_memory_not_equal(y, other, sizeof y);
  double scores[] = {3, 10, 5, 0, 7, -10};
  ls_tsne_scale(3, scores);
  expect_near(scores[2] - scores[0], 2 * 1e-4 / sqrt(8.0 / 3), 1e-12);
  expect_near(scores[1], 5 * (scores[2] - scores[0]), 1e-12);
}

/* ---- What can't be done ---------------------------------------------------------------------- */

static int alone(void *context, int status) {
  (void)context;
  return status;
}

static int add_nothing(void *context, double *values, size_t count) {
  (void)context, (void)values, (void)count;
  return LS_OK;
}

static void refuses_what_cannot_be(void **state) {
  (void)state;
  const ls_peers peers = {.rank = 0, .size = 1, .agree = alone, .sum = add_nothing};
  ls_embed_input input = make_input(10, 3), one = {1, 3, input.x};
  double out[40], kl = 0;
  ls_tsne_options options = {10, 10};
  assert_int_equal(ls_tsne(&peers, &input, &options, out, &kl), LS_INVALID);
  assert_non_null(strstr(ls_error_message(), "perplexity 10 "));
  options.perplexity = NAN;
  assert_int_equal(ls_tsne(&peers, &input, &options, out, &kl), LS_INVALID);
  assert_int_equal(ls_embed_pca(&input, 4, out, out), LS_INVALID);
  assert_int_equal(ls_embed_pca(&one, 1, out, out), LS_INVALID);
  const ls_embed_input many = {5000, 5000, NULL};
  assert_int_equal(ls_embed_pca(&many, 2, out, out), LS_INVALID);
  free((void *)input.x);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(components_are_as_in_scikit_learn),
      cmocka_unit_test(affinities_are_as_in_scikit_learn),
      cmocka_unit_test(descends_as_scikit_learn_does),
      cmocka_unit_test(comes_down_as_far),
      cmocka_unit_test(ranks_change_nothing),
      cmocka_unit_test(copies_are_fine),
      cmocka_unit_test(begins_where_it_should),
      cmocka_unit_test(refuses_what_cannot_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
