/* Arithmetic with sweep variables in the place of a number: `$lambda / (2 * $batch)`. Local. */
#ifndef LS_JOB_EXPRESSION_H
#define LS_JOB_EXPRESSION_H

#include "job/tree.h"

/* Gives the number that a variable stands for, or fails, naming the place. */
typedef int (*ls_expression_variable)(double *value, const char *name, const ls_node *node,
                                      const ls_path *path, void *context);

/* Evaluates a scalar for which ls_node_expression holds; any number may come out, also one that is
 * not finite. `path` is that of the scalar. LS_INVALID where the text is no sum of products. */
int ls_expression_evaluate(double *out, const ls_node *node, const ls_path *path,
                           ls_expression_variable variable, void *context);

#endif
