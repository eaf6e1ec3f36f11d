/* What errors, activations and decode share. */
#include "study/model/inspection.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/records.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Files -------------------------------------------------------------------------------------
 */

void inspection_create(labelled *l, const char *path, const char *title, const ls_provenance *notes,
                       const ls_trained *model, ls_part part) {
  const struct {
    const char *name, *text;
  } facts[] = {{"model", model->path},
               {"model_name", model->name},
               {"dataset", model->plan->dataset->path},
               {"part", part == LS_TEST ? "test" : "train"}};
  labelled_create(l, path, title, notes);
  for (size_t i = 0; i < sizeof facts / sizeof *facts && l->status == LS_OK; i++) {
    l->status = ls_h5_set_text(l->file, ".", facts[i].name, facts[i].text);
  }
}

hid_t inspection_real(void) {
  return sizeof(ls_real) == sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
}

void inspection_counting_axis(labelled *l, const char *name, const char *long_name, size_t count) {
  int64_t *numbers = ls_new(count, sizeof *numbers);
  if (!numbers) l->status = LS_FAILED;
  for (size_t i = 0; numbers && i < count; i++) numbers[i] = (int64_t)i;
  labelled_numbers(l, name, long_name, NULL, H5T_NATIVE_INT64, count, numbers);
  free(numbers);
}

void axis_list_add(axis_list *list, const char *name) {
  size_t i = list->count++;
  snprintf(list->texts[i], sizeof list->texts[i], "%s", name);
  list->names[i] = list->texts[i];
}

void axis_list_add_shape(axis_list *list, labelled *l, const char *prefix, const ls_shape *shape) {
  static const char *const names[LS_MAX_DIMS] = {"row", "column", "channel", "depth"};
  for (int d = 0; d < shape->rank; d++) {
    char name[64];
    const char *what = shape->rank == 1 ? "unit" : names[d];
    snprintf(name, sizeof name, "%s%s", prefix, what);
    if (l->status == LS_OK && !ls_h5_has(l->file, name)) {
      inspection_counting_axis(l, name, what, (size_t)shape->extent[d]);
    }
    axis_list_add(list, name);
  }
}

/* ---- Pictures ----------------------------------------------------------------------------------
 */

ls_figure_image inspection_image(const ls_shape *shape, const ls_real *values) {
  if (shape->rank == 1) {
    return (ls_figure_image){.values = values, .height = 1, .width = (size_t)shape->extent[0]};
  }
  size_t channels = shape->rank > 2 ? (size_t)shape->extent[2] : 1;
  return (ls_figure_image){.values = values,
                           .height = (size_t)shape->extent[0],
                           .width = (size_t)shape->extent[1],
                           .channels = channels == 3 ? 3 : 1,
                           .pixel_stride = channels};
}

int inspection_read(ls_real *images, const ls_dataset *dataset, ls_part part, size_t count,
                    const uint32_t *numbers) {
  size_t size = (size_t)ls_shape_size(&dataset->shape);
  unsigned char *record = ls_new(1, dataset->record_bytes);
  int status = record ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = ls_dataset_read(dataset, part, numbers[i], 1, record);
    if (status == LS_OK) ls_dataset_decode(dataset, record, images + i * size);
  }
  free(record);
  return status;
}
