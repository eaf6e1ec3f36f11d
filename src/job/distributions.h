/* The distributions from which values of sweep variables are drawn. Local. */
#ifndef LS_JOB_DISTRIBUTIONS_H
#define LS_JOB_DISTRIBUTIONS_H

#include "lockstep/component.h"

enum { LS_MAX_DISTRIBUTIONS = 8, LS_DRAWN_TEXT = 32 };

/* A distribution: a member of ls_distributions. */
typedef struct ls_distribution {
  ls_component component;
  /* The value below which a fraction u of the distribution lies, 0 < u < 1. */
  double (*quantile)(const void *args, double u);
  /* The significant digits to which values are rounded: they distinguish a million values. */
  int (*digits)(const void *args);
  bool log; /* drawn on a logarithmic axis */
} ls_distribution;

extern const ls_family ls_distributions;

/* Writes the value at fraction u as text, rounded, so that the text has all of it. */
void ls_distribution_draw(char text[LS_DRAWN_TEXT], const ls_distribution *type, const void *args,
                          double u);

#endif
