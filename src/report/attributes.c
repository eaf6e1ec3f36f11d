/* Texts of HDF5 files. */
#include "report/attributes.h"

#include "lockstep/error.h"

int report_read_text(ls_memory *memory, char **out, hid_t file, const char *name,
                     const char *attribute, const char *fallback) {
  if (!ls_h5_has_attribute(file, name, attribute)) {
    *out = ls_memory_text(memory, "%s", fallback);
    return ls_memory_status(memory);
  }
  int status = ls_h5_get_text(file, name, attribute, out);
  if (status == LS_OK) *out = ls_memory_keep(memory, *out);
  return status == LS_OK ? ls_memory_status(memory) : status;
}

int report_read_list(ls_memory *memory, hid_t file, const char *name, const report_text *texts) {
  int status = LS_OK;
  for (const report_text *t = texts; t->attribute && status == LS_OK; t++) {
    status = report_read_text(memory, t->out, file, name, t->attribute, t->fallback);
  }
  return status;
}

int report_read_texts(ls_memory *memory, char ***out, size_t *count, hid_t file, const char *name,
                      const char *attribute) {
  *count = 0;
  if (!ls_h5_has_attribute(file, name, attribute)) return LS_OK;
  int status = ls_h5_get_texts(file, name, attribute, out, count);
  return report_keep_texts(memory, *out, *count, status);
}

int report_keep_texts(ls_memory *memory, char **texts, size_t count, int status) {
  if (status != LS_OK) return status;
  for (size_t i = 0; i < count; i++) ls_memory_keep(memory, texts[i]);
  if (texts) ls_memory_keep(memory, texts);
  return ls_memory_status(memory);
}
