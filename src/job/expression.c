/* Expressions: sums of products of numbers, variables and parentheses, evaluated in double
 * precision by recursive descent. */
#include "job/expression.h"

#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

typedef struct reader {
  const ls_node *node;
  const ls_path *path;
  ls_expression_variable variable;
  void *context;
  const char *at;
  int depth;
} reader;

static int fail(const reader *r, const char *expected) {
  return ls_diagnostic_fail(r->node->place, r->path, "'%s': found %s%s%s (expected %s)",
                            r->node->text, *r->at ? "'" : "its end", r->at, *r->at ? "'" : "",
                            expected);
}

/* Takes the character if it comes next. */
static bool take(reader *r, char wanted) {
  r->at += strspn(r->at, " ");
  if (*r->at != wanted) return false;
  r->at++;
  return true;
}

static int read_sum(reader *r, double *value);

static int read_variable(reader *r, double *value) {
  char name[LS_NAME_LENGTH + 1];
  size_t length = ls_name_length(r->at);
  if (length > LS_NAME_LENGTH) return fail(r, "a sweep variable");
  memcpy(name, r->at, length);
  name[length] = '\0';
  r->at += length;
  return r->variable(value, name, r->node, r->path, r->context);
}

static int read_factor(reader *r, double *value) {
  if (r->depth == LS_TREE_MAX_DEPTH) return fail(r, "less nesting");
  r->depth++;
  int status = LS_OK;
  size_t number = 0;
  if (take(r, '(')) {
    status = read_sum(r, value);
    if (status == LS_OK && !take(r, ')')) status = fail(r, "')'");
  } else if (take(r, '-')) {
    status = read_factor(r, value);
    *value = -*value;
  } else if (take(r, '$')) {
    status = read_variable(r, value);
  } else if ((number = ls_number_length(r->at)) > 0) {
    *value = strtod(r->at, NULL);
    r->at += number;
  } else {
    status = fail(r, "a number, a variable or '('");
  }
  r->depth--;
  return status;
}

static int read_product(reader *r, double *value) {
  int status = read_factor(r, value);
  while (status == LS_OK) {
    bool times = take(r, '*');
    if (!times && !take(r, '/')) break;
    double factor = 0;
    status = read_factor(r, &factor);
    *value = times ? *value * factor : *value / factor;
  }
  return status;
}

static int read_sum(reader *r, double *value) {
  int status = read_product(r, value);
  while (status == LS_OK) {
    bool plus = take(r, '+');
    if (!plus && !take(r, '-')) break;
    double term = 0;
    status = read_product(r, &term);
    *value += plus ? term : -term;
  }
  return status;
}

int ls_expression_evaluate(double *out, const ls_node *node, const ls_path *path,
                           ls_expression_variable variable, void *context) {
  reader r = {node, path, variable, context, node->text, 0};
  *out = 0;
  int status = read_sum(&r, out);
  return status == LS_OK && *r.at ? fail(&r, "an operator") : status;
}
