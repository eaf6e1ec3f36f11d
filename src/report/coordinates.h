/* The variables of a sweep: attributes of one, and all those of a sweep that is no grid, which are
 * coordinates over the dimension `point`. */
#ifndef LS_REPORT_COORDINATES_H
#define LS_REPORT_COORDINATES_H

#include "h5/h5.h"
#include "report/results.h"

/* Sets what the file records of an axis whose name and count are set, and the order of its values
 * to that in the file. */
int report_describe_axis(report_axis *axis, ls_memory *memory, hid_t file);

/* Reads the datasets that the file's attribute `coordinates` lists, for results whose points are
 * counted: sets `variables`, with their different values in ascending order, and `values`. A
 * variable without a value at some points has texts for values. */
int report_read_coordinates(report_results *out, ls_memory *memory, hid_t file);

#endif
