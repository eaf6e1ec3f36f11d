/* Standard output and files. */
#include "report/output.h"

#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int ls_report_print(const char *format, ...) {
  va_list args;
  va_start(args, format);
  int written = vprintf(format, args);
  va_end(args);
  if (written >= 0 && fflush(stdout) == 0) return LS_OK;
  return ls_fail(LS_FAILED, "standard output: cannot write: %s", strerror(errno));
}

int ls_report_write_figures(const char *folder, const ls_report_figures *figures) {
  int status = ls_make_directories(folder);
  for (size_t i = 0; i < figures->count && status == LS_OK; i++) {
    ls_text path = {0};
    ls_text_add(&path, "%s/%s.svg", folder, figures->items[i].name);
    char *name = ls_text_take(&path);
    status = name ? ls_write_file(name, figures->items[i].svg, strlen(figures->items[i].svg))
                  : LS_FAILED;
    free(name);
  }
  return status;
}

int ls_report_check_output(const char *results, const char *output) {
  struct stat a, b;
  if (!output || stat(results, &a) != 0 || stat(output, &b) != 0) return LS_OK;
  if (a.st_dev != b.st_dev || a.st_ino != b.st_ino) return LS_OK;
  return ls_fail(LS_INVALID, "%s: is the results file, it can't be the output", output);
}
