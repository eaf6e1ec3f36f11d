/* Values of activations, by member: against their formulas and, with slopes, against what PyTorch
 * 1.13 gives in double precision; in place; far out; not a number. */
#include "arguments.h"

#include "nn/families.h"

#include <float.h>

static const double epsilon = sizeof(ls_real) == 4 ? FLT_EPSILON : DBL_EPSILON;

enum { WIDTH = 5, KNOWN = 3 };

static const ls_real inputs[WIDTH] = {(ls_real)-2.5, (ls_real)-0.3, 0, (ls_real)0.7, 30};
static const ls_real known_inputs[KNOWN] = {(ls_real)-2.5, (ls_real)-0.3, (ls_real)0.7};

static double linear(double z) {
  return z;
}
static double relu(double z) {
  return z > 0 ? z : 0;
}
static double sigmoid(double z) {
  return 1 / (1 + exp(-z));
}
static double softmax(double z) {
  double sum = 0;
  for (size_t i = 0; i < WIDTH; i++) sum += exp((double)inputs[i]);
  return exp(z) / sum;
}
static double leaky(double z) {
  return fmax(z, 0.2 * z);
}
static double less_leaky(double z) {
  return fmax(z, 0.3 * z);
}
static double elu(double z) {
  return z > 0 ? z : expm1(z);
}
static double half_elu(double z) {
  return z > 0 ? z : 0.5 * expm1(z);
}
static double selu(double z) {
  return 1.0507009873554805 * (z > 0 ? z : 1.6732632423543772 * expm1(z));
}
static double gelu(double z) {
  return z * 0.5 * erfc(-z / sqrt(2));
}
static double gelu_by_tanh(double z) {
  return z / (1 + exp(-2 * sqrt(2 / acos(-1)) * (z + 0.044715 * pow(z, 3))));
}
static double swish(double z) {
  return z / (1 + exp(-z));
}
static double hard_sigmoid(double z) {
  return fmin(fmax((z + 3) / 6, 0), 1);
}
static double steep_sigmoid(double z) {
  return fmin(fmax(0.2 * z + 0.5, 0), 1);
}
static double softplus(double z) {
  return log1p(exp(z));
}

/* Far out, at 10000, a function may stay within [-1, 1], go on, or become infinite. `y` and `slope`
 * are PyTorch's at known_inputs. */
enum far { BOUNDED, GROWING, INFINITE };
static const struct {
  const char *name, *arg;
  double value;
  double (*formula)(double z);
  enum far far;
  double y[KNOWN], slope[KNOWN];
} cases[] = {
    {"linear", NULL, 0, linear, GROWING, {-2.5, -0.3, 0.7}, {1, 1, 1}},
    {"relu", NULL, 0, relu, GROWING, {0, 0, 0.7}, {0, 0, 1}},
    {"sigmoid",
     NULL,
     0,
     sigmoid,
     BOUNDED,
     {0.07585818002124355, 0.425557483188341, 0.6681877721681662},
     {0.07010371654510815, 0.2444583116907459, 0.221712873293109}},
    {"tanh",
     NULL,
     0,
     tanh,
     BOUNDED,
     {-0.9866142981514303, -0.2913126124515909, 0.6043677771171635},
     {0.02659222668316057, 0.9151369618266292, 0.6347395899824586}},
    {"softmax",
     NULL,
     0,
     softmax,
     BOUNDED,
     {0.02893724185900464, 0.2611589984139071, 0.7099037597270883},
     {0, 0, 0}},
    {"leaky_relu", NULL, 0, leaky, GROWING, {-0.5, -0.06, 0.7}, {0.2, 0.2, 1}},
    {"leaky_relu", "negative_slope", 0.3, less_leaky, GROWING, {-0.75, -0.09, 0.7}, {0.3, 0.3, 1}},
    {"elu",
     NULL,
     0,
     elu,
     GROWING,
     {-0.9179150013761012, -0.2591817793182821, 0.7},
     {0.0820849986238988, 0.7408182206817179, 1}},
    {"elu",
     "alpha",
     0.5,
     half_elu,
     GROWING,
     {-0.4589575006880506, -0.1295908896591411, 0.7},
     {0.0410424993119494, 0.3704091103408589, 1}},
    {"elu", "alpha", 0, relu, GROWING, {0, 0, 0.7}, {0, 0, 1}},
    {"selu",
     NULL,
     0,
     selu,
     GROWING,
     {-1.613785758873242, -0.455667315379122, 0.7354906911488363},
     {0.1443135819741343, 1.302432025468255, 1.05070098735548}},
    {"gelu",
     NULL,
     0,
     gelu,
     GROWING,
     {-0.0155241633144404, -0.1146265733433142, 0.5306254434438489},
     {-0.03761108590814519, 0.2676722331728901, 0.9766141011336599}},
    {"gelu",
     "approximate",
     1,
     gelu_by_tanh,
     GROWING,
     {-0.01508426608999858, -0.1146290764572407, 0.5305701347051167},
     {-0.03795157621266618, 0.2677045483611982, 0.976357218656104}},
    {"swish",
     NULL,
     0,
     swish,
     GROWING,
     {-0.1896454500531089, -0.1276672449565023, 0.4677314405177163},
     {-0.09940111134152683, 0.3522199896811173, 0.8233867834733425}},
    {"silu",
     NULL,
     0,
     swish,
     GROWING,
     {-0.1896454500531089, -0.1276672449565023, 0.4677314405177163},
     {-0.09940111134152683, 0.3522199896811173, 0.8233867834733425}},
    {"hard_sigmoid",
     NULL,
     0,
     hard_sigmoid,
     BOUNDED,
     {0.08333333333333333, 0.45, 0.6166666666666667},
     {0.1666666666666667, 0.1666666666666667, 0.1666666666666667}},
    {"hard_sigmoid", "slope", 0.2, steep_sigmoid, BOUNDED, {0, 0.44, 0.64}, {0, 0.2, 0.2}},
    {"softplus",
     NULL,
     0,
     softplus,
     GROWING,
     {0.07888973429254963, 0.5543552444685271, 1.103186048885458},
     {0.07585818002124356, 0.425557483188341, 0.6681877721681662}},
    {"exponential",
     NULL,
     0,
     exp,
     INFINITE,
     {0.0820849986238988, 0.7408182206817179, 2.013752707470477},
     {0.0820849986238988, 0.7408182206817179, 2.013752707470477}},
};

static void check_formula(const ls_activation_type *type, const void *args, size_t which) {
  ls_real y[WIDTH], in_place[WIDTH];
  type->forward(args, 1, WIDTH, inputs, y);
  for (size_t i = 0; i < WIDTH; i++) {
    double expected = cases[which].formula((double)inputs[i]);
    expect_near((double)y[i], expected, 8 * epsilon * fabs(expected));
  }
  memcpy(in_place, inputs, sizeof inputs);
  type->forward(args, 1, WIDTH, in_place, in_place);
  assert_memory_equal(in_place, y, sizeof y);
}

/* The gradient goes by z only where the type says so, and may be written over dy. */
static void check_known(const ls_activation_type *type, const void *args, size_t which) {
  ls_real y[KNOWN], dz[KNOWN] = {2, 2, 2};
  type->forward(args, 1, KNOWN, known_inputs, y);
  type->backward(args, 1, KNOWN, type->reads_input ? known_inputs : NULL, y, dz, dz);
  for (size_t i = 0; i < KNOWN; i++) {
    expect_near((double)y[i], cases[which].y[i], 4 * epsilon);
    expect_near((double)dz[i], 2 * cases[which].slope[i], 8 * epsilon);
  }
}

static void check_ends(const ls_activation_type *type, const void *args, size_t which) {
  ls_real far[WIDTH] = {10000, -10000, 9999, 0, 10000}, nan[WIDTH] = {0};
  type->forward(args, 1, WIDTH, far, far);
  for (size_t i = 0; i < WIDTH; i++) {
    bool infinite = cases[which].far == INFINITE && i != 1 && i != 3;
    assert_true(infinite ? isinf(far[i]) : isfinite(far[i]));
    if (cases[which].far == BOUNDED) assert_true(far[i] >= -1 && far[i] <= 1);
  }
  nan[2] = (ls_real)NAN;
  type->forward(args, 1, WIDTH, nan, nan);
  assert_true(isnan(nan[2]));
}

static void activations(void **state) {
  (void)state;
  for (size_t i = 0; i < ls_activations.count; i++) {
    const ls_component *member = ls_activations.members[i];
    const ls_activation_type *type = (const ls_activation_type *)member;
    size_t tested = 0;
    for (size_t k = 0; k < COUNT_OF(cases); k++) {
      if (strcmp(cases[k].name, member->name) != 0) continue;
      void *args = make_arguments(member, cases[k].arg, cases[k].value);
      check_formula(type, args, k);
      check_known(type, args, k);
      check_ends(type, args, k);
      free(args);
      tested++;
    }
    if (tested == 0) fail_msg("the activation %s has no case here", member->name);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(activations)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
