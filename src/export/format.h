/* A format of exports: a file of this folder defines one, and EXPORT_FORMATS lists it. */
#ifndef LS_EXPORT_FORMAT_H
#define LS_EXPORT_FORMAT_H

#include "base/text_file.h"
#include "export/trials.h"

typedef struct export_format {
  const char *name;
  /* Of the default output: RESULTS without .h5, and this. NULL: standard output. */
  const char *suffix;
  bool rows; /* has rows of trials, or of their epochs */
  /* Write all trials, either to one file or to files in a folder. */
  int (*write)(ls_text_file *out, const export_study *study);
  int (*write_folder)(const char *folder, const export_study *study);
  size_t most; /* trials that are exported without a number of trials; 0: any */
} export_format;

#define EXPORT_FORMATS(X) X(csv) X(optuna) X(tensorboard)

#define EXPORT_DECLARE(name) extern const export_format export_format_##name;
EXPORT_FORMATS(EXPORT_DECLARE)

#endif
