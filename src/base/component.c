/* Looking up and releasing components; the values themselves are read in job/. */
#include "lockstep/component.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

const ls_component *ls_family_find(const ls_family *family, const char *name) {
  for (size_t i = 0; i < family->count; i++) {
    if (strcmp(family->members[i]->name, name) == 0) return family->members[i];
  }
  return NULL;
}

bool ls_family_takes_number(const ls_family *family) {
  const ls_component *first = family->count > 0 ? family->members[0] : NULL;
  return first && first->args && first->args->name && first->args->kind == LS_ARG_REAL;
}

int ls_family_add(ls_family *family, const ls_component *member) {
  if (ls_family_find(family, member->name)) {
    return ls_fail(LS_INVALID, "there is another %s named '%s'", family->kind, member->name);
  }
  const ls_component **members = ls_new(family->count + 1, sizeof *members);
  if (!members) return LS_FAILED;
  memcpy(members, family->members, family->count * sizeof *members);
  members[family->count] = member;
  if (family->grown) free((void *)family->members);
  family->members = members;
  family->count++;
  family->grown = true;
  return LS_OK;
}

static void clear_choice(ls_choice *choice) {
  if (choice->type && choice->args) ls_component_clear(choice->type, choice->args);
  free(choice->args);
  free(choice->where);
  *choice = (ls_choice){0};
}

static void clear_texts(ls_texts *texts) {
  for (size_t i = 0; i < texts->count; i++) free(texts->items[i]);
  free(texts->items);
  *texts = (ls_texts){0};
}

static void clear_sections(const ls_component *type, ls_sections *sections) {
  for (size_t i = 0; i < sections->count; i++) {
    ls_section *section = &sections->items[i];
    if (section->values) ls_component_clear(type, section->values);
    free(section->values);
    free(section->name);
    free(section->where);
  }
  free(sections->items);
  *sections = (ls_sections){0};
}

static void clear_settings(ls_settings_list *list) {
  for (size_t i = 0; i < list->count; i++) {
    for (size_t k = 0; k < list->items[i].count; k++) {
      free(list->items[i].items[k].variable);
      free(list->items[i].items[k].value);
    }
    free(list->items[i].items);
  }
  free(list->items);
  *list = (ls_settings_list){0};
}

void ls_component_clear(const ls_component *type, void *values) {
  for (const ls_arg *arg = type->args; arg && arg->name; arg++) {
    char *at = (char *)values + arg->offset;
    switch (arg->kind) {
    case LS_ARG_TEXT:
      free(*(char **)at);
      *(char **)at = NULL;
      break;
    case LS_ARG_REALS:
      free(((ls_reals *)at)->values);
      *(ls_reals *)at = (ls_reals){0};
      break;
    case LS_ARG_TEXTS:
      clear_texts((ls_texts *)at);
      break;
    case LS_ARG_CHOICE:
      clear_choice((ls_choice *)at);
      break;
    case LS_ARG_CHOICES: {
      ls_choices *list = (ls_choices *)at;
      for (size_t i = 0; i < list->count; i++) clear_choice(&list->items[i]);
      free(list->items);
      *list = (ls_choices){0};
      break;
    }
    case LS_ARG_SECTION:
      ls_component_clear(arg->section, at);
      break;
    case LS_ARG_SECTIONS:
    case LS_ARG_LIST:
      clear_sections(arg->section, (ls_sections *)at);
      break;
    case LS_ARG_NAMED_REALS:
      clear_texts(&((ls_named_reals *)at)->names);
      free(((ls_named_reals *)at)->values);
      *(ls_named_reals *)at = (ls_named_reals){0};
      break;
    case LS_ARG_SETTINGS:
      clear_settings((ls_settings_list *)at);
      break;
    case LS_ARG_INTEGER:
    case LS_ARG_REAL:
    case LS_ARG_BOOLEAN:
    case LS_ARG_WORD:
      break;
    }
  }
}
