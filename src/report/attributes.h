/* Attributes that are lists, and attributes whose names are not known beforehand. */
#ifndef LS_REPORT_ATTRIBUTES_H
#define LS_REPORT_ATTRIBUTES_H

#include <hdf5.h>
#include <stddef.h>

/* The names of all attributes of a group, sorted (each and the array to be freed). */
int ls_report_attribute_names(hid_t group, char ***names, size_t *count);

/* A list of texts, an attribute of a group (each and the array to be freed). */
int ls_report_attribute_texts(hid_t group, const char *attribute, char ***texts, size_t *count);

/* A list of exactly `count` integers, an attribute of the dataset `name`. */
int ls_report_attribute_integers(hid_t group, const char *name, const char *attribute, size_t count,
                                 int *values);

#endif
