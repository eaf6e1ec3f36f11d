/* What scalars mean. */
#include "job/tree.h"
#include "lockstep/error.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_one_of(const ls_node *node, const char *const *words) {
  if (node->kind != LS_NODE_SCALAR || node->quoted) return false;
  for (; *words; words++) {
    if (strcmp(node->text, *words) == 0) return true;
  }
  return false;
}

bool ls_node_is_null(const ls_node *node) {
  static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};
  return is_one_of(node, words);
}

bool ls_node_boolean(const ls_node *node, bool *value) {
  static const char *const yes[] = {"true", "True", "TRUE", NULL};
  static const char *const no[] = {"false", "False", "FALSE", NULL};
  *value = is_one_of(node, yes);
  return *value || is_one_of(node, no);
}

/* Number of digits at the beginning of the text. */
static size_t digits(const char *text) {
  return strspn(text, "0123456789");
}

bool ls_node_integer(const ls_node *node, int64_t *value) {
  if (node->kind != LS_NODE_SCALAR || node->quoted) return false;
  const char *text = node->text + strspn(node->text, "+-");
  if (text - node->text > 1 || digits(text) == 0 || text[digits(text)] != '\0') return false;
  errno = 0;
  *value = strtoll(node->text, NULL, 10);
  return errno == 0;
}

size_t ls_number_length(const char *text) {
  size_t whole = digits(text), length = whole, fraction = 0;
  if (text[length] == '.') {
    fraction = digits(text + length + 1);
    length += 1 + fraction;
  }
  if (whole + fraction == 0) return 0;
  if (text[length] != 'e' && text[length] != 'E') return length;
  size_t sign = text[length + 1] == '+' || text[length + 1] == '-';
  size_t exponent = digits(text + length + 1 + sign);
  return exponent > 0 ? length + 1 + sign + exponent : length;
}

bool ls_node_number(const ls_node *node, double *value) {
  if (node->kind != LS_NODE_SCALAR || node->quoted) return false;
  const char *text = node->text;
  if (*text == '+' || *text == '-') text++;
  size_t length = ls_number_length(text);
  if (length == 0 || text[length] != '\0') return false;
  *value = strtod(node->text, NULL);
  return isfinite(*value);
}

size_t ls_name_length(const char *text) {
  return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}

bool ls_node_expression(const ls_node *node) {
  static const char operators[] = "+-*/()";
  if (node->kind != LS_NODE_SCALAR) return false;
  bool has_name = false, has_operator = false;
  for (const char *at = node->text; *at;) {
    size_t name = *at == '$' ? ls_name_length(at + 1) : 0, number = ls_number_length(at);
    if (*at != ' ' && !strchr(operators, *at) && name + number == 0) return false;
    has_name |= name > 0;
    has_operator |= strchr(operators, *at) != NULL;
    at += name > 0 ? 1 + name : number > 0 ? number : 1;
  }
  return has_name && has_operator;
}

const char *ls_node_variable(const ls_node *node) {
  bool is_variable = node->kind == LS_NODE_SCALAR && node->text[0] == '$' && node->text[1] != '$';
  return is_variable && !ls_node_expression(node) ? node->text + 1 : NULL;
}

bool ls_node_is_text(const ls_node *scalar) {
  bool boolean;
  double number;
  return scalar->quoted || !(ls_node_is_null(scalar) || ls_node_boolean(scalar, &boolean) ||
                             ls_node_number(scalar, &number) || ls_node_variable(scalar));
}

const char *ls_node_text(const ls_node *node) {
  return node->text[0] == '$' && node->text[1] == '$' ? node->text + 1 : node->text;
}

int ls_node_fail(const ls_node *node, const ls_path *path, const char *expected) {
  if (node->kind == LS_NODE_SCALAR && !ls_node_is_null(node)) {
    return ls_diagnostic_fail(node->place, path, "found '%s' (expected %s)", node->text, expected);
  }
  const char *found = node->kind == LS_NODE_LIST ? "list" : "mapping";
  if (node->kind == LS_NODE_SCALAR) {
    return ls_diagnostic_fail(node->place, path, "found null (expected %s)", expected);
  }
  return ls_diagnostic_fail(node->place, path, "found %s %s (expected %s)",
                            node->count == 0 ? "an empty" : "a", found, expected);
}
