/* The variables of a sweep that is no grid, in a results file: coordinates over the dimension
 * `point`. */
#ifndef LS_STORE_RESULTS_COORDINATES_H
#define LS_STORE_RESULTS_COORDINATES_H

#include "h5/h5.h"
#include "job/job.h"

/* Writes what is known of a variable beside its values: how they are spaced, which direction makes
 * models simpler. Local. */
int results_describe_variable(hid_t file, const ls_axis *variable);

/* Writes a dataset over `point` for each variable, to a file that has this scale, and the root
 * attribute `coordinates` that lists them, by which xarray makes them coordinates. A number is NaN
 * where the variable has no value, a text empty. Does nothing for a grid. Local. */
int results_make_coordinates(hid_t file, const ls_job *job);

#endif
