/* Invalid arguments of conv2d and conv2d_transpose. */
#include "fragment.h"

/* Errors name the place in the job, whether reading the job or building the model finds them. */
static void refusals(void **state) {
  (void)state;
  static const struct {
    const char *layer;
    ls_shape input;
    const char *message;
  } refused[] = {
      {"conv2d: {filters: 3, kernel_size: [3, 6]}",
       {3, {5, 5, 1}},
       "job:1: model[0].conv2d: the kernel covers 3 x 6 pixels, but the image has 5 x 5"},
      {"conv2d: {filters: 3, kernel_size: 3, dilation_rate: 3}",
       {3, {6, 6, 1}},
       "job:1: model[0].conv2d: the kernel covers 7 x 7 pixels, but the image has 6 x 6"},
      {"conv2d: {filters: 3, kernel_size: 3}",
       {1, {25}},
       "job:1: model[0].conv2d: takes images [height, width, channel], not 1 dimensions"},
      {"conv2d_transpose: {filters: 3, kernel_size: 3}",
       {2, {5, 5}},
       "job:1: model[0].conv2d_transpose: takes images [height, width, channel], not 2 dimensions"},
      {"conv2d: {filters: 3, kernel_size: [3, 3, 3]}",
       {3, {5, 5, 1}},
       "job:1: model[0].conv2d.kernel_size: found 3 numbers (expected 1 or 2)"},
      {"conv2d: {filters: 3, kernel_size: 3, strides: 1.5}",
       {3, {5, 5, 1}},
       "job:1: model[0].conv2d.strides: found '1.5' (expected an integer from 1 to 2147483647)"},
      {"conv2d: {filters: 3, kernel_size: 3, dilation_rate: []}",
       {3, {5, 5, 1}},
       "job:1: model[0].conv2d.dilation_rate: found 0 numbers (expected 1 or 2)"},
      {"conv2d: {filters: 3, kernel_size: 3, strides: 2, dilation_rate: [1, 2]}",
       {3, {5, 5, 1}},
       "job:1: model[0].conv2d: strides and dilation_rate can't both be above 1"},
      {"conv2d: {filters: 3, kernel_size: 0}",
       {3, {5, 5, 1}},
       "job:1: model[0].conv2d.kernel_size: 0 is too small (expected an integer from 1 to "
       "2147483647)"},
      {"conv2d_transpose: {filters: 3, kernel_size: 1, strides: 100000}",
       {3, {5, 5, 1}},
       "job:1: model[0].conv2d_transpose: works on arrays of 750000000000 elements (expected at "
       "most 2147483647)"},
  };
  for (size_t i = 0; i < COUNT_OF(refused); i++) {
    char text[256];
    snprintf(text, sizeof text, "model: [{%s}]", refused[i].layer);
    fragment values = {0};
    ls_job *job = NULL;
    ls_model *model = NULL;
    int status = ls_job_read(&job, "job", text, NULL, 0, &fragment_component);
    if (status == LS_OK) status = ls_job_bind(job, 0, &values);
    if (status == LS_OK) {
      ls_head_spec head = fragment_head(&values, 4);
      status = ls_model_create(&model, &values.model, &head, 1, &refused[i].input);
    }
    assert_int_equal(status, LS_INVALID);
    assert_string_equal(ls_error_message(), refused[i].message);
    ls_component_clear(&fragment_component, &values);
    ls_job_free(&job);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(refusals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
