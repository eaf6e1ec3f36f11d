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

/* What squeue reports of a job. */
typedef enum job_state { JOB_UNKNOWN, JOB_RUNNING, JOB_WAITING, JOB_ENDED } job_state;

/* Asks for the state of a job; *left is its time left as squeue prints it, valid while it runs. */
static job_state ask_state(unsigned long job, char left[256]) {
  char line[256], state[32] = "";
  bool known = ask_squeue(job, "'%T %L'", line);
  left[0] = '\0';
  /* An ended job is no longer listed, and after some minutes unknown. */
  if ((known && line[0] == '\0') || strstr(line, "Invalid job id")) return JOB_ENDED;
  if (!known || sscanf(line, "%31s %255s", state, left) < 1) return JOB_UNKNOWN;
  return strcmp(state, "RUNNING") == 0 ? JOB_RUNNING : JOB_WAITING;
}

/* The seconds until SLURM_JOB_END_TIME, or not a number if that is no time to come. */
static double environment_left(void) {
  const char *text = getenv("SLURM_JOB_END_TIME");
  char *rest = NULL;
  long long end = text ? strtoll(text, &rest, 10) : 0;
  if (!text || rest == text || *rest) return NAN;
  double left = difftime((time_t)end, time(NULL));
  return left > 0 ? left : NAN;
}

double ls_time_left(void) {
  const char *text = getenv("SLURM_JOB_ID");
  unsigned long job = text ? strtoul(text, NULL, 10) : 0;
  if (job == 0) return INFINITY;
  char line[256];
  job_state state = ask_state(job, line);
  if (state == JOB_WAITING || state == JOB_ENDED) return INFINITY;
  double left = environment_left();
  if (isnan(left) && state == JOB_RUNNING) left = ls_slurm_duration(line);
  return isnan(left) ? INFINITY : left;
}

bool ls_slurm_job_ended(unsigned long job) {
  char left[256];
  return ask_state(job, left) == JOB_ENDED;
}
