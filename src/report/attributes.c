/* Texts of HDF5 files. */
#include "report/attributes.h"

#include "lockstep/error.h"

#include <stdlib.h>

int report_read_text(ls_memory *memory, char **out, hid_t file, const char *name,
                     const char *attribute, const char *fallback) {
  char *text = NULL;
  bool there = ls_h5_has_attribute(file, name, attribute);
  int status = there ? ls_h5_get_text(file, name, attribute, &text) : LS_OK;
  if (status == LS_OK) {
    *out = ls_memory_text(memory, "%s", there ? text : fallback);
    status = ls_memory_status(memory);
  }
  free(text);
  return status;
}

int report_read_texts(ls_memory *memory, char ***out, size_t *count, hid_t file, const char *name,
                      const char *attribute) {
  char **texts = NULL;
  *count = 0;
  if (!ls_h5_has_attribute(file, name, attribute)) return LS_OK;
  int status = ls_h5_get_texts(file, name, attribute, &texts, count);
  return status == LS_OK ? report_keep_texts(memory, out, texts, *count) : status;
}

int report_keep_texts(ls_memory *memory, char ***out, char **texts, size_t count) {
  *out = ls_memory_new(memory, count, sizeof **out);
  for (size_t i = 0; i < count; i++) {
    char *copy = ls_memory_text(memory, "%s", texts[i]);
    if (*out) (*out)[i] = copy;
    free(texts[i]);
  }
  free(texts);
  return ls_memory_status(memory);
}
