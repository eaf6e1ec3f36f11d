/* Asking Slurm. */
#include "lockstep/allocation.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A duration of Slurm's, [DAYS-][HOURS:]MINUTES:SECONDS, in seconds; infinite if it is a word, such
 * as UNLIMITED. */
static double parse_duration(const char *text) {
  double days = 0, parts[3] = {0};
  int length = 0, count = 0;
  if (sscanf(text, "%lf-%n", &days, &length) == 1 && length > 0) {
    text += length;
  } else {
    days = 0;
  }
  for (; count < 3 && sscanf(text, "%lf%n", &parts[count], &length) == 1; count++) {
    text += length;
    if (*text == ':') text++;
  }
  if (count < 2) return INFINITY;
  double seconds = 0;
  for (int i = 0; i < count; i++) seconds = seconds * 60 + parts[i];
  return days * 86400 + seconds;
}

/* Runs squeue for the job; its first line of output goes to `line`, "" if there is none. Returns
 * whether it ended well. */
static bool ask_squeue(unsigned long job, const char *format, char line[256]) {
  char command[128];
  line[0] = '\0';
  snprintf(command, sizeof command, "timeout 20 squeue -h -j %lu -o %s 2>&1", job, format);
  FILE *output = popen(command, "r");
  if (!output) return false;
  if (!fgets(line, 256, output)) line[0] = '\0';
  return pclose(output) == 0;
}

double ls_time_left(void) {
  const char *job = getenv("SLURM_JOB_ID"), *end = getenv("SLURM_JOB_END_TIME");
  if (!job) return INFINITY;
  if (end && *end) return difftime((time_t)strtoll(end, NULL, 10), time(NULL));
  char line[256];
  return ask_squeue(strtoul(job, NULL, 10), "%L", line) ? parse_duration(line) : INFINITY;
}

bool ls_slurm_job_ended(unsigned long job) {
  char line[256];
  bool told = ask_squeue(job, "%T", line);
  /* What has ended is listed no more, and after some minutes unknown. */
  return (told && line[0] == '\0') || strstr(line, "Invalid job id") != NULL;
}
