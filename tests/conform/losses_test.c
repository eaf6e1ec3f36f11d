/* Losses and their gradients against Keras's: tests/reference/losses.txt, made by make_losses.py
 * there. Each loss must have a case. A loss that fuses its activation is computed both ways. */
#include "job/job.h"
#include "nn/families.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 64, MOST_ARRAYS = 8, NAME = 32 };

typedef struct array {
  char name[NAME];
  ls_real values[MOST];
} array;

/* The reference: the outputs before the activation come first, the labels last. */
typedef struct reference {
  FILE *file;
  size_t rows, width, count;
  array arrays[MOST_ARRAYS];
  int32_t labels[MOST];
  ls_real one_hot[MOST];
} reference;

typedef struct loss_case {
  char target[NAME], activation[NAME], loss[256];
  double total, gradient[MOST];
} loss_case;

static void read_reals(FILE *file, size_t count, double *values) {
  assert_true(count <= MOST);
  for (size_t i = 0; i < count; i++) assert_int_equal(fscanf(file, "%lf", &values[i]), 1);
}

static void open_reference(reference *r) {
  *r = (reference){.file = fopen("tests/reference/losses.txt", "r")};
  if (!r->file) fail_msg("no tests/reference/losses.txt (run this in the project's folder)");
  assert_int_equal(fscanf(r->file, "%zu %zu", &r->rows, &r->width), 2);
  const size_t size = r->rows * r->width;
  for (; r->count < MOST_ARRAYS; r->count++) {
    array *a = &r->arrays[r->count];
    double values[MOST];
    assert_int_equal(fscanf(r->file, "%31s", a->name), 1);
    if (strcmp(a->name, "labels") == 0) break;
    read_reals(r->file, size, values);
    for (size_t i = 0; i < size; i++) a->values[i] = (ls_real)values[i];
  }
  for (size_t i = 0; i < r->rows; i++) {
    assert_int_equal(fscanf(r->file, "%d", &r->labels[i]), 1);
    r->one_hot[i * r->width + (size_t)r->labels[i]] = 1;
  }
}

static bool read_case(const reference *r, loss_case *c) {
  if (fscanf(r->file, "%31s %31s", c->target, c->activation) != 2) return false;
  read_reals(r->file, 1, &c->total);
  read_reals(r->file, r->rows * r->width, c->gradient);
  assert_int_equal(fscanf(r->file, " %255[^\n]", c->loss), 1);
  return true;
}

static const ls_real *values_of(const reference *r, const char *name) {
  for (size_t i = 0; i < r->count; i++) {
    if (strcmp(r->arrays[i].name, name) == 0) return r->arrays[i].values;
  }
  return r->one_hot;
}

typedef struct values {
  ls_choice loss, activation;
} values;

static const ls_arg args[] = {
    {"loss", LS_ARG_CHOICE, offsetof(values, loss), NULL, "loss", .family = &ls_losses},
    {"activation", LS_ARG_CHOICE, offsetof(values, activation), NULL, "activation",
     .family = &ls_activations},
    {NULL},
};
static const ls_component component = {"fragment", "a loss", sizeof(values), args};

static void bind(const loss_case *c, values *v) {
  char text[512];
  ls_job *job = NULL;
  snprintf(text, sizeof text, "loss: %s\nactivation: %s\n", c->loss, c->activation);
  int status = ls_job_read(&job, "fragment", text, NULL, 0, &component);
  if (status == LS_OK) status = ls_job_bind(job, 0, v);
  if (status != LS_OK) fail_msg("%s", ls_error_message());
  ls_job_free(&job);
}

/* In double precision what remains is Keras's epsilon of 1e-7. */
static void expect_close(const loss_case *c, const char *what, double value, double expected) {
  const double bound = (sizeof(ls_real) == 4 ? 2e-6 : 2e-7) * fmax(1, fabs(expected));
  if (fabs(value - expected) <= bound) return;
  fail_msg("%s %s: %s is %.10g (expected %.10g)", c->loss, c->target, what, value, expected);
}

/* From logits, or through the activation. */
static void check(const reference *r, const loss_case *c, const values *v, bool logits) {
  const ls_loss_type *loss = (const ls_loss_type *)v->loss.type;
  const ls_activation_type *activation = (const ls_activation_type *)v->activation.type;
  const size_t size = r->rows * r->width;
  const ls_real *z = r->arrays[0].values;
  const double scale = 0.5;
  ls_real y[MOST], dy[MOST], dz[MOST];
  activation->forward(v->activation.args, r->rows, r->width, z, y);
  ls_outputs o = {.n = r->rows,
                  .width = r->width,
                  .y = logits ? z : y,
                  .logits = logits,
                  .labels = r->labels,
                  .values = values_of(r, c->target)};
  double total = loss->evaluate(v->loss.args, &o, (ls_real)scale, dy);
  expect_close(c, "the loss", total, c->total);
  assert_true(loss->evaluate(v->loss.args, &o, 1, NULL) == total);
  if (logits) {
    memcpy(dz, dy, size * sizeof *dz);
  } else {
    activation->backward(v->activation.args, r->rows, r->width, z, y, dy, dz);
  }
  for (size_t i = 0; i < size; i++) {
    expect_close(c, "the gradient", (double)dz[i], scale * c->gradient[i]);
  }
  memcpy(y, o.y, size * sizeof *y); /* the gradient in place of the outputs */
  o.y = y;
  assert_true(loss->evaluate(v->loss.args, &o, (ls_real)scale, y) == total);
  assert_memory_equal(y, dy, size * sizeof *y);
}

static void keras(void **state) {
  (void)state;
  reference r;
  loss_case c;
  bool tested[MOST] = {false};
  open_reference(&r);
  while (read_case(&r, &c)) {
    values v = {0};
    bind(&c, &v);
    const ls_loss_type *loss = (const ls_loss_type *)v.loss.type;
    check(&r, &c, &v, false);
    if (loss->fuses && &loss->fuses->component == v.activation.type) check(&r, &c, &v, true);
    for (size_t i = 0; i < ls_losses.count; i++) {
      tested[i] |= ls_losses.members[i] == v.loss.type;
    }
    ls_component_clear(&component, &v);
  }
  fclose(r.file);
  for (size_t i = 0; i < ls_losses.count; i++) {
    if (!tested[i]) fail_msg("the loss %s has no case", ls_losses.members[i]->name);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(keras)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
