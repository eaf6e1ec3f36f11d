/* Measuring the phases of steps, and printing the table. */
#include "trial/profile.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/print.h"
#include "lockstep/error.h"
#include "nn/compute.h"

#include <stdlib.h>

int profile_create(profile *p, const ls_model *model) {
  *p = (profile){.layers = ls_new(model->layer_count + 1, sizeof *p->layers)};
  return p->layers ? LS_OK : LS_FAILED;
}

void profile_destroy(profile *p) {
  free(p->layers);
}

void profile_begin_step(profile *p, double waited) {
  if (!p->layers) return;
  p->begun = ls_clock_seconds();
  p->waited = waited;
}

void profile_lap(profile *p, profile_phase phase) {
  if (!p->layers) return;
  double now = ls_clock_seconds();
  p->phases[phase] += now - p->begun;
  p->begun = now;
}

void profile_end_step(profile *p, size_t samples, double waited) {
  if (!p->layers) return;
  profile_lap(p, PROFILE_UPDATE);
  p->phases[PROFILE_UPDATE] -= waited - p->waited;
  p->phases[PROFILE_WAIT] += waited - p->waited;
  p->steps++;
  p->samples += samples;
}

/* Prints one line; seconds are those of all steps together. */
static void print_line(FILE *out, const profile *p, const char *name, double forward,
                       double backward, double total) {
  double to_step = 1e3 / (double)p->steps, sum = forward + backward;
  ls_print(out, "%-32s %10.3f %10.3f %8.1f", name, forward * to_step, backward * to_step,
           100 * sum / total);
}

/* Floating-point operations of a layer's passes, for one sample: backward has one product for the
 * kernel, unless it is frozen, and one for the input, if a layer below learns. */
static double layer_flops(const ls_model *model, size_t i) {
  const ls_layer *layer = &model->layers[i];
  bool below = false;
  for (size_t k = 0; k < i; k++) below |= ls_layer_learns(&model->layers[k]);
  return layer->flops * (1 + (layer->frozen ? 0 : 1) + (below ? 1 : 0));
}

void profile_print(const profile *p, const ls_model *model, FILE *out) {
  if (!p->layers || p->steps == 0) return;
  const double peak = ls_compute_peak(0.2);
  double total = 0, layers = 0, flops = 0;
  for (int phase = 0; phase < PROFILE_PHASES; phase++) total += p->phases[phase];
  ls_print(out, "%-32s %10s %10s %8s %10s %8s\n", "", "forward ms", "back ms", "% step", "GFLOP/s",
           "% peak");
  print_line(out, p, "samples to numbers", p->phases[PROFILE_READ], 0, total);
  ls_print_lines(out, "\n");
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer_times *t = &p->layers[i];
    double work = layer_flops(model, i) * (double)p->samples, seconds = t->forward + t->backward;
    print_line(out, p, model->layers[i].name, t->forward, t->backward, total);
    if (work > 0)
      ls_print(out, " %10.1f %8.1f", work / seconds * 1e-9, 100 * work / seconds / peak);
    ls_print_lines(out, "\n");
    layers += seconds;
    flops += work;
  }
  print_line(out, p, "losses and metrics", p->phases[PROFILE_LAYERS] - layers, 0, total);
  ls_print_lines(out, "\n");
  print_line(out, p, "reduction and update", 0, p->phases[PROFILE_UPDATE], total);
  ls_print_lines(out, "\n");
  print_line(out, p, "waiting for other ranks", 0, p->phases[PROFILE_WAIT], total);
  ls_print(out, "\n%-32s %21.3f %8.1f %10.1f %8.1f\n", "step", total * 1e3 / (double)p->steps,
           100.0, flops / total * 1e-9, 100 * flops / total / peak);
  ls_print(out, "peak: %.1f GFLOP/s, multiply-adds in registers with %s on one core\n", peak * 1e-9,
           ls_compute_name());
  fflush(out);
}
