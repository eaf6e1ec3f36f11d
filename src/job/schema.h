/* The JSON Schema of job files, by which editors complete and check them. Local. */
#ifndef LS_JOB_SCHEMA_H
#define LS_JOB_SCHEMA_H

#include "lockstep/component.h"

/* Writes the schema (draft 2020-12) of jobs with this recipe: every key, component and argument of
 * its tables with its description, default and bounds, and the section `sweep`. `out` is the text,
 * released with free().
 *
 * It accepts every job that ls_job_read accepts and rejects unknown and missing keys, wrong types
 * and values out of bounds. What it can't express are conditions between values (a component's
 * `check`), variables that are undefined or unused, and integers written with a fraction (3.0). */
int ls_schema_write(char **out, const ls_component *recipe);

#endif
