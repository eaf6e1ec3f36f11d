/* Comparing the values of two trials, argument by argument. */
#include "job/simpler.h"

#include <math.h>
#include <string.h>

static unsigned compare_numbers(const ls_arg *arg, double first, double second) {
  if (first == second || (isnan(first) && isnan(second))) return 0;
  bool less = arg->flags & LS_LESS_IS_SIMPLER, more = arg->flags & LS_MORE_IS_SIMPLER;
  if (!(less || more) || isnan(first) || isnan(second)) return LS_OTHERWISE;
  return (second > first) == more ? LS_SECOND_SIMPLER : LS_FIRST_SIMPLER;
}

static unsigned compare_lists(const ls_arg *arg, const ls_reals *first, const ls_reals *second) {
  if (first->count != second->count) return LS_OTHERWISE;
  unsigned found = 0;
  for (size_t i = 0; i < first->count; i++) {
    found |= compare_numbers(arg, first->values[i], second->values[i]);
  }
  return found;
}

static unsigned compare_texts(const char *first, const char *second) {
  bool same = first && second ? strcmp(first, second) == 0 : first == second;
  return same ? 0 : LS_OTHERWISE;
}

static unsigned compare_text_lists(const ls_texts *first, const ls_texts *second) {
  if (first->count != second->count) return LS_OTHERWISE;
  unsigned found = 0;
  for (size_t i = 0; i < first->count; i++) {
    found |= compare_texts(first->items[i], second->items[i]);
  }
  return found;
}

static unsigned compare_named_reals(const ls_named_reals *first, const ls_named_reals *second) {
  unsigned found =
      compare_texts(first->word, second->word) | compare_text_lists(&first->names, &second->names);
  for (size_t i = 0; !found && i < first->names.count; i++) {
    if (first->values[i] != second->values[i]) found = LS_OTHERWISE;
  }
  return found;
}

static unsigned compare_choices(const ls_choice *first, const ls_choice *second) {
  if (first->type != second->type) return LS_OTHERWISE;
  return first->args ? ls_simpler(first->type, first->args, second->args) : 0;
}

static unsigned compare_choice_lists(const ls_choices *first, const ls_choices *second) {
  if (first->count != second->count) return LS_OTHERWISE;
  unsigned found = 0;
  for (size_t i = 0; i < first->count; i++) {
    found |= compare_choices(&first->items[i], &second->items[i]);
  }
  return found;
}

static unsigned compare_sections(const ls_arg *arg, const ls_sections *first,
                                 const ls_sections *second) {
  if (first->count != second->count) return LS_OTHERWISE;
  unsigned found = 0;
  for (size_t i = 0; i < first->count; i++) {
    found |= compare_texts(first->items[i].name, second->items[i].name);
    found |= ls_simpler(arg->section, first->items[i].values, second->items[i].values);
  }
  return found;
}

static unsigned compare_arg(const ls_arg *arg, const void *first, const void *second) {
  switch (arg->kind) {
  case LS_ARG_INTEGER:
    return compare_numbers(arg, (double)*(const int64_t *)first, (double)*(const int64_t *)second);
  case LS_ARG_REAL:
    return compare_numbers(arg, *(const double *)first, *(const double *)second);
  case LS_ARG_BOOLEAN:
    return *(const bool *)first != *(const bool *)second ? LS_OTHERWISE : 0;
  case LS_ARG_TEXT:
    return compare_texts(*(char *const *)first, *(char *const *)second);
  case LS_ARG_WORD:
    return *(const int *)first != *(const int *)second ? LS_OTHERWISE : 0;
  case LS_ARG_REALS:
    return compare_lists(arg, first, second);
  case LS_ARG_TEXTS:
    return compare_text_lists(first, second);
  case LS_ARG_CHOICE:
    return compare_choices(first, second);
  case LS_ARG_CHOICES:
    return compare_choice_lists(first, second);
  case LS_ARG_SECTION:
    return ls_simpler(arg->section, first, second);
  case LS_ARG_SECTIONS:
  case LS_ARG_LIST:
    return compare_sections(arg, first, second);
  case LS_ARG_NAMED_REALS:
    return compare_named_reals(first, second);
  case LS_ARG_SETTINGS:
    return 0; /* they are no part of a model */
  }
  return LS_OTHERWISE;
}

unsigned ls_simpler(const ls_component *type, const void *first, const void *second) {
  unsigned found = 0;
  for (const ls_arg *arg = type->args; arg && arg->name; arg++) {
    found |=
        compare_arg(arg, (const char *)first + arg->offset, (const char *)second + arg->offset);
  }
  return found;
}
