/* The first samples, with each perturbation at its levels, for the figures of an evaluation. */
#include "study/evaluate/result.h"

#include "lockstep/error.h"

#include <string.h>

/* Sets [example, ...] of one level, `stride` apart. */
static int perturb(ls_real *out, size_t stride, const evaluate_result *r,
                   const ls_perturbation *perturbation, size_t level, const uint32_t *numbers) {
  const ls_shape *shape = &r->inputs->dataset->shape;
  size_t size = (size_t)ls_shape_size(shape);
  ls_perturber perturber;
  int status = ls_perturber_create(&perturber, perturbation, level, shape, r->options->seed);
  if (status != LS_OK) return status;
  for (size_t i = 0; i < r->example_count; i++) {
    memcpy(out + i * stride, r->examples + i * size, size * sizeof *out);
    ls_perturb(&perturber, 1, &numbers[i], out + i * stride);
  }
  ls_perturber_destroy(&perturber);
  return LS_OK;
}

int evaluate_examples(evaluate_result *r) {
  const ls_evaluate_options *o = r->options;
  size_t size = (size_t)ls_shape_size(&r->inputs->dataset->shape);
  uint32_t numbers[EXAMPLES];
  if (o->perturbation_count == 0) return LS_OK;
  r->example_count = r->inputs->count < EXAMPLES ? r->inputs->count : EXAMPLES;
  for (size_t i = 0; i < r->example_count; i++) numbers[i] = (uint32_t)r->samples[i];
  r->examples = ls_memory_new(&r->memory, r->example_count * size, sizeof *r->examples);
  r->perturbed = ls_memory_new(&r->memory, o->perturbation_count, sizeof *r->perturbed);
  if (ls_memory_status(&r->memory) != LS_OK) return LS_FAILED;
  int status = ls_samples_read(r->examples, r->inputs->dataset, r->part, r->example_count, numbers);
  for (size_t p = 0; p < o->perturbation_count && status == LS_OK; p++) {
    size_t levels = levels_drawn(&o->perturbations[p]);
    r->perturbed[p] =
        ls_memory_new(&r->memory, r->example_count * levels * size, sizeof **r->perturbed);
    status = ls_memory_status(&r->memory);
    for (size_t k = 0; k < levels && status == LS_OK; k++) {
      status =
          perturb(r->perturbed[p] + k * size, levels * size, r, &o->perturbations[p], k, numbers);
    }
  }
  return status;
}
