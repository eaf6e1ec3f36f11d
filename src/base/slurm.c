/* Queries of Slurm. */
#include "base/slurm.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

double ls_slurm_duration(const char *text) {
  if (strcasecmp(text, "UNLIMITED") == 0 || strcasecmp(text, "INFINITE") == 0) return INFINITY;
  /* Days come before hours; without them a single number is minutes, and two end with seconds. */
  const char *dash = strchr(text, '-');
  unsigned long days = 0, parts[3] = {0};
  int count = 0, length = 0;
  if (dash && sscanf(text, "%9lu-%n", &days, &length) == 1 && length > 0) text += length;
  bool digits = strspn(text, "0123456789") > 0;
  while (digits && count < 3 && sscanf(text, "%9lu%n", &parts[count], &length) == 1) {
    count++;
    text += length;
    if (*text != ':') break;
    digits = strspn(++text, "0123456789") > 0;
  }
  if (!digits || *text != '\0') return NAN;
  double hours = 0, minutes = 0, seconds = 0;
  if (dash || count == 3) {
    hours = (double)parts[0], minutes = (double)parts[1], seconds = (double)parts[2];
  } else {
    minutes = (double)parts[0], seconds = (double)parts[1];
  }
  return (((double)days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/* Runs squeue for the job; `line` is its first line of output, "" if there is none. Returns whether
 * it succeeded. */
static bool ask_squeue(unsigned long job, const char *format, char line[256]) {
  char command[128];
  line[0] = '\0';
  snprintf(command, sizeof command, "timeout 20 squeue -h -j %lu -o %s 2>&1", job, format);
  FILE *output = popen(command, "r");
  if (!output) return false;
  if (!fgets(line, 256, output)) line[0] = '\0';
  line[strcspn(line, "\n")] = '\0';
  return pclose(output) == 0;
}

double ls_time_left(void) {
  const char *job = getenv("SLURM_JOB_ID"), *end = getenv("SLURM_JOB_END_TIME");
  if (!job) return INFINITY;
  if (end && *end) return difftime((time_t)strtoll(end, NULL, 10), time(NULL));
  char line[256];
  if (!ask_squeue(strtoul(job, NULL, 10), "%L", line)) return INFINITY;
  double left = ls_slurm_duration(line);
  return isnan(left) ? INFINITY : left;
}

bool ls_slurm_job_ended(unsigned long job) {
  char line[256];
  bool known = ask_squeue(job, "%T", line);
  /* An ended job is no longer listed, and after some minutes unknown. */
  return (known && line[0] == '\0') || strstr(line, "Invalid job id") != NULL;
}
