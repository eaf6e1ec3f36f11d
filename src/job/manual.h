/* The reference of job files for the manual page. Local. */
#ifndef LS_JOB_MANUAL_H
#define LS_JOB_MANUAL_H

#include "lockstep/component.h"

/* Writes subsections for the manual page's section JOB FILE, in the macros of mdoc(7): one for each
 * section of the recipe, for the sweep, and for each family of components, with every argument, its
 * default and its bounds. `out` is the text, released with free(). */
int ls_manual_write(char **out, const ls_component *recipe);

#endif
