/* The output of an analysis. */
#include "study/model/output.h"

#include "base/print.h"
#include "base/visible.h"
#include "lockstep/error.h"

#include <math.h>

void ls_output_model(labelled *l, const ls_trained *model, ls_part part) {
  labelled_attribute(l, "model", model->path);
  labelled_attribute(l, "model_name", model->name);
  labelled_attribute(l, "dataset", model->plan->dataset->path);
  labelled_attribute(l, "part", part == LS_TEST ? "test" : "train");
}

int ls_output_width(int least, const char *text) {
  int width = (int)ls_visible_width(text);
  return width < least ? least : width;
}

void ls_output_number(FILE *out, int width, int decimals, double value) {
  if (isnan(value)) {
    ls_print(out, "  %*s", width, "-");
  } else {
    ls_print(out, "  %*.*f", width, decimals, value);
  }
}

static int save(const ls_output *output, const void *result, const ls_analysis_file *file,
                FILE *out) {
  labelled l;
  labelled_create(&l, file, output->title);
  output->write(&l, result);
  output->draw(&l, result);
  bool written = l.status == LS_OK;
  int status = labelled_close(&l);
  if (written) {
    output->print(result, out);
    ls_print(out, "%s\n", file->path);
  }
  return status;
}

int ls_output_save(const ls_output *output, const void *result, const ls_analysis_file *file,
                   const ls_group *world, FILE *out) {
  int status = world->rank == 0 ? save(output, result, file, out) : LS_OK;
  return ls_group_agree(world, status);
}
