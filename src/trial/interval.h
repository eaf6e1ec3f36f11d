/* How often a running trial writes checkpoints. */
#ifndef LS_TRIAL_INTERVAL_H
#define LS_TRIAL_INTERVAL_H

typedef enum ls_interval_unit {
  LS_INTERVAL_SECONDS,
  LS_INTERVAL_STEPS,
  LS_INTERVAL_EPOCHS
} ls_interval_unit;

typedef struct ls_interval {
  ls_interval_unit unit;
  double
      count; /* 0, with seconds: 30, or more where a checkpoint would take over 1 % of the time */
} ls_interval;

/* Reads "10epochs", "500steps", "60s" (or "60", in seconds) and the like. LS_INVALID with the name
 * of the option. */
int ls_interval_read(ls_interval *out, const char *option, const char *text);

#endif
