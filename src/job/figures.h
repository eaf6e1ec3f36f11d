/* The key `figures` of a job: which figures its report draws. `lockstep report --figure` takes the
 * same descriptions. Local. */
#ifndef LS_JOB_FIGURES_H
#define LS_JOB_FIGURES_H

#include "lockstep/component.h"

/* How the values of a variable are placed on the horizontal axis. LS_SCALE_AUTO is logarithmic
 * where the values span much, else linear, and of texts the last. */
typedef enum ls_scale { LS_SCALE_AUTO, LS_SCALE_LINEAR, LS_SCALE_LOG, LS_SCALE_CATEGORY } ls_scale;

/* Which value of a trial stands against a variable. */
typedef enum ls_figure_value { LS_FIGURE_FINAL, LS_FIGURE_BEST } ls_figure_value;

/* One figure. Names are those of the results file. */
typedef struct ls_figure_args {
  ls_texts metric; /* empty: the metric by which trials are compared */
  char *x;         /* "epoch", or a variable */
  char *color;     /* a variable, NULL: none is named */
  char *panel;     /* a variable, or "metric"; NULL: there is one panel */
  int scale;       /* an ls_scale */
  int of;          /* an ls_figure_value; -1: not given, as LS_FIGURE_FINAL */
  bool diagram;    /* of the models, instead of values */
} ls_figure_args;

extern const ls_component ls_figure_section;

/* What a description may name. */
typedef struct ls_figure_metric {
  const char *name;
  bool over_epochs; /* it has a value for each epoch */
  int better;       /* 1: higher values are better, -1: lower ones, 0: neither */
} ls_figure_metric;

typedef struct ls_figure_variable {
  const char *name;
  const double *numbers; /* [value]; NULL: its values are texts */
  size_t count;
} ls_figure_variable;

typedef struct ls_figure_names {
  const ls_figure_metric *metrics;
  size_t metric_count;
  const ls_figure_variable *variables;
  size_t variable_count;
} ls_figure_names;

/* LS_INVALID, with a message that begins with `where`, unless the names exist and what is asked for
 * can be drawn of them. */
int ls_figure_check(const ls_figure_args *figure, const char *where, const ls_figure_names *names);

/* The figures (each an ls_figure_args) that a job's text asks for, which messages call `source`; or
 * that the texts of options `--figure` describe. Release with ls_figures_clear. LS_INVALID for what
 * is none. */
int ls_figures_read_job(ls_sections *out, const char *job, const char *source);
int ls_figures_read_options(ls_sections *out, const char *const *texts, size_t count);
void ls_figures_clear(ls_sections *figures);

#endif
