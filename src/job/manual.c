/* The reference of job files: a list of arguments for each section and component. Arguments that
 * several members of a family share are described once, at the end of the family. */
#include "job/manual.h"

#include "base/memory.h"
#include "base/text.h"
#include "job/axes.h"
#include "job/describe.h"
#include "job/distributions.h"
#include "job/resolve.h"
#include "job/values.h"
#include "lockstep/error.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FAMILIES = 32, WIDTH = 80, SHARED_BY = 3 };

typedef struct manual {
  ls_text text;
  const ls_family *families[MOST_FAMILIES]; /* in the order in which arguments name them */
  size_t family_count;
} manual;

/* ---- mdoc ------------------------------------------------------------------------------------ */

/* A word, such that no character in it has a meaning for mdoc. Backquotes enclose literal text,
 * which may be of several words: `quoted` is whether one is open. */
static void add_word(ls_text *out, const char *word, size_t length, bool *quoted) {
  if (*word == '.' || *word == '\'') ls_text_add(out, "\\&");
  for (size_t i = 0; i < length; i++) {
    bool minus = word[i] == '-' && (i == 0 || !isalpha((unsigned char)word[i - 1]));
    if (word[i] == '`') {
      ls_text_add(out, *quoted ? "\\(cq" : "\\(oq");
      *quoted = !*quoted;
    } else if (minus) {
      ls_text_add(out, "\\-");
    } else {
      ls_text_add(out, word[i] == '\\' ? "\\e" : "%c", word[i]);
    }
  }
}

/* Whether a word ends a sentence, after which mdoc wants a new line. */
static bool ends_sentence(const char *word, size_t length) {
  if (length < 2 || word[length - 1] != '.' || strncmp(word, "al.", 3) == 0) return false;
  unsigned char before = (unsigned char)word[length - 2];
  return isalnum(before) || before == ')' || before == ']';
}

/* Text in lines that are wrapped. */
static void add_lines(ls_text *out, const char *text) {
  size_t column = 0;
  bool quoted = false;
  while (*text) {
    size_t length = strcspn(text, " ");
    if (column > 0 && column + 1 + length > WIDTH) {
      ls_text_add(out, "\n");
      column = 0;
    }
    if (column > 0) ls_text_add(out, " ");
    add_word(out, text, length, &quoted);
    column += length + 1;
    bool ends = ends_sentence(text, length) && text[length];
    if (ends) {
      ls_text_add(out, "\n");
      column = 0;
    }
    text += length + (text[length] == ' ');
  }
  ls_text_add(out, "\n");
}

/* A phrase of the tables as a sentence; formulas keep their first letter. */
static void add_sentence(manual *m, const char *phrase) {
  if (!*phrase) return; /* a component that is not described */
  ls_text line = {0};
  size_t word = 0;
  while (islower((unsigned char)phrase[word])) word++;
  bool capital = word > 1 && strchr(" ,;", phrase[word]);
  ls_text_add(&line, "%c%s", capital ? toupper((unsigned char)*phrase) : *phrase, phrase + 1);
  if (phrase[strlen(phrase) - 1] != '.') ls_text_add(&line, ".");
  char *sentence = ls_text_take(&line);
  m->text.failed |= !sentence;
  if (sentence) add_lines(&m->text, sentence);
  free(sentence);
}

/* The name of a family's subsection: "Activations", "Losses". */
static void add_title(ls_text *out, const ls_family *family) {
  bool ends_with_s = family->kind[strlen(family->kind) - 1] == 's';
  ls_text_add(out, "%c%s%s", toupper((unsigned char)*family->kind), family->kind + 1,
              ends_with_s ? "es" : "s");
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static void note_family(manual *m, const ls_family *family) {
  for (size_t i = 0; i < m->family_count; i++) {
    if (m->families[i] == family) return;
  }
  if (m->family_count < MOST_FAMILIES) m->families[m->family_count++] = family;
}

/* The argument without bounds that hardly anybody meets. */
static ls_arg without_far_bounds(const ls_arg *arg) {
  ls_arg near = *arg;
  if (near.max >= 1e9) near.max = INFINITY;
  if (near.min <= -1e9) near.min = -INFINITY;
  return near;
}

/* What may stand for the argument, after its purpose. */
static void add_values(ls_text *line, const ls_arg *arg) {
  const ls_arg near = without_far_bounds(arg);
  char numbers[160];
  ls_describe_numbers(&near, numbers);
  switch (arg->kind) {
  case LS_ARG_INTEGER:
  case LS_ARG_REAL:
    if (strcmp(numbers, "a number") != 0) ls_text_add(line, "; %s", numbers);
    break;
  case LS_ARG_REALS:
    if (strcmp(numbers, "a number") != 0) ls_text_add(line, "; each %s", numbers);
    break;
  case LS_ARG_BOOLEAN:
    ls_text_add(line, "; true or false");
    break;
  case LS_ARG_WORD:
    ls_text_add(line, "; one of");
    for (size_t i = 0; arg->words[i]; i++) ls_text_add(line, "%s %s", i ? "," : "", arg->words[i]);
    break;
  default:
    break;
  }
  if (arg->instead_of) ls_text_add(line, "; given instead of %s", arg->instead_of);
}

static void add_reference(manual *m, const ls_arg *arg, const char *parent) {
  if (arg->kind == LS_ARG_CHOICE || arg->kind == LS_ARG_CHOICES) {
    note_family(m, arg->family);
    ls_text_add(&m->text, "See\n.Sx ");
    add_title(&m->text, arg->family);
    ls_text_add(&m->text, " .\n");
  } else if (arg->section) {
    ls_text_add(&m->text, "See\n.Sx %s%s%s .\n", parent, *parent ? "." : "", arg->name);
  }
}

/* " Bq VALUE", of a list without its own brackets. */
static void add_default(manual *m, const char *value) {
  bool quoted = false, list = *value == '[';
  ls_text_add(&m->text, " Bq ");
  if (isalpha((unsigned char)*value)) ls_text_add(&m->text, "Cm ");
  add_word(&m->text, value + list, strlen(value) - 2 * list, &quoted);
}

/* `parent` is the path of the section that has the argument. */
static void add_argument(manual *m, const ls_arg *arg, const char *parent) {
  bool optional = ls_arg_is_optional(arg) || (arg->fallback && strcmp(arg->fallback, "[]") == 0);
  ls_text line = {0};
  ls_text_add(&m->text, ".It Cm %s", arg->name);
  if (arg->fallback && !optional) add_default(m, arg->fallback);
  ls_text_add(&m->text, "\n");
  const char *rest = strstr(arg->purpose, ". ");
  size_t first = rest ? (size_t)(rest - arg->purpose) : strlen(arg->purpose);
  ls_text_add(&line, "%s%.*s", optional ? "optional; " : "", (int)first, arg->purpose);
  add_values(&line, arg);
  ls_text_add(&line, "%s", arg->purpose + first);
  char *phrase = ls_text_take(&line);
  m->text.failed |= !phrase;
  if (phrase) add_sentence(m, phrase);
  free(phrase);
  add_reference(m, arg, parent);
}

static void begin_list(manual *m) {
  ls_text_add(&m->text, ".Bl -tag -compact -width Ds\n");
}

static void end_list(manual *m) {
  ls_text_add(&m->text, ".El\n");
}

/* ---- Families -------------------------------------------------------------------------------- */

static bool same_argument(const ls_arg *one, const ls_arg *other) {
  bool same_default = one->fallback && other->fallback ? strcmp(one->fallback, other->fallback) == 0
                                                       : one->fallback == other->fallback;
  return same_default && one->kind == other->kind && strcmp(one->name, other->name) == 0 &&
         strcmp(one->purpose, other->purpose) == 0;
}

static bool has_argument(const ls_component *type, const ls_arg *wanted) {
  for (const ls_arg *arg = type->args; arg && arg->name; arg++) {
    if (same_argument(arg, wanted)) return true;
  }
  return false;
}

/* How many of the first `count` members have the argument. */
static size_t count_members(const ls_family *family, size_t count, const ls_arg *arg) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) found += has_argument(family->members[i], arg);
  return found;
}

static bool is_shared(const ls_family *family, const ls_arg *arg) {
  return count_members(family, family->count, arg) >= SHARED_BY;
}

/* Whether all members have it, or all but one. */
static bool is_common(const ls_family *family, const ls_arg *arg) {
  return is_shared(family, arg) && count_members(family, family->count, arg) + 1 >= family->count;
}

/* Names the arguments of a member that are described with those of others. */
static void name_shared(manual *m, const ls_family *family, const ls_component *type,
                        const char *beginning) {
  bool first = true;
  for (const ls_arg *arg = type->args; arg && arg->name; arg++) {
    if (!is_shared(family, arg) || is_common(family, arg)) continue;
    if (first) ls_text_add(&m->text, "%s\n.Cm %s", beginning, arg->name);
    if (!first) ls_text_add(&m->text, " , %s", arg->name);
    first = false;
  }
  if (!first) ls_text_add(&m->text, " .\n");
}

static void add_member(manual *m, const ls_family *family, const ls_component *type) {
  size_t own = 0;
  ls_text_add(&m->text, ".It Cm %s\n", type->name);
  add_sentence(m, type->purpose);
  for (const ls_arg *arg = type->args; arg && arg->name; arg++) {
    if (is_shared(family, arg)) continue;
    if (own++ == 0) begin_list(m);
    add_argument(m, arg, "");
  }
  if (own > 0) end_list(m);
  name_shared(m, family, type, own > 0 ? "Also takes" : "Takes");
}

/* The one member that lacks a common argument, if there is one. */
static void add_exception(manual *m, const ls_family *family, const ls_arg *arg) {
  for (size_t i = 0; i < family->count; i++) {
    if (has_argument(family->members[i], arg)) continue;
    ls_text_add(&m->text, "Not taken by\n.Cm %s .\n", family->members[i]->name);
  }
}

/* Lists the arguments that several members have: those that are common to all, or the others. */
static void add_shared(manual *m, const ls_family *family, bool common) {
  size_t listed = 0;
  for (size_t i = 0; i < family->count; i++) {
    for (const ls_arg *arg = family->members[i]->args; arg && arg->name; arg++) {
      if (!is_shared(family, arg) || is_common(family, arg) != common) continue;
      if (count_members(family, i, arg) > 0) continue;
      if (listed++ == 0) {
        ls_text_add(&m->text, ".Pp\nArguments of %s:\n", common ? "all" : "several of them");
        begin_list(m);
      }
      add_argument(m, arg, "");
      if (common) add_exception(m, family, arg);
    }
  }
  if (listed > 0) end_list(m);
}

static void add_family(manual *m, const ls_family *family) {
  ls_text_add(&m->text, ".Ss ");
  add_title(&m->text, family);
  ls_text_add(&m->text, "\n");
  if (family->purpose) add_sentence(m, family->purpose);
  begin_list(m);
  for (size_t i = 0; i < family->count; i++) add_member(m, family, family->members[i]);
  end_list(m);
  add_shared(m, family, false);
  add_shared(m, family, true);
}

/* ---- Sections -------------------------------------------------------------------------------- */

static void add_arguments(manual *m, const ls_component *type, const char *path) {
  begin_list(m);
  for (const ls_arg *arg = type->args; arg->name; arg++) add_argument(m, arg, path);
  end_list(m);
}

/* The sections within one, each followed by those within it. */
static void add_sections(manual *m, const ls_component *type, const char *path) {
  for (const ls_arg *arg = type->args; arg->name; arg++) {
    if (!arg->section) continue;
    char inner[128];
    snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", arg->name);
    ls_text_add(&m->text, ".Ss %s\n", inner);
    if (arg->kind == LS_ARG_SECTIONS) ls_text_add(&m->text, "A mapping of names; each has:\n");
    if (arg->kind == LS_ARG_LIST) ls_text_add(&m->text, "A list; each item has:\n");
    add_arguments(m, arg->section, inner);
    add_sections(m, arg->section, inner);
  }
}

static void add_item(manual *m, const char *name, const char *purpose) {
  ls_text_add(&m->text, ".It Cm %s\n", name);
  add_sentence(m, purpose);
}

/* Keys of variables that have no table, since any value may stand there. */
static void add_forms(manual *m) {
  ls_text_add(&m->text, ".Pp\nOther mappings of a variable have:\n");
  begin_list(m);
  add_item(m, "choice", "values, or a mapping of labels to values, of which one is drawn");
  add_item(m, "values", "the same, beside `when`, if none is drawn");
  add_item(m, "when",
           "optional; beside `values`, a range or a distribution: variables that stand "
           "above this one, each with a value or a list of values; only with these this one has a "
           "value");
  end_list(m);
  ls_text_add(&m->text, ".Pp\nThe key for variables whose values go together is:\n");
  begin_list(m);
  add_item(m, LS_SWEEP_JOINT,
           "lists of the same length, as a mapping of the variables; or a list of rows, "
           "{variable: value}");
  end_list(m);
}

static void add_sweep(manual *m) {
  ls_text_add(&m->text, ".Ss %s\n", ls_sweep_section.name);
  ls_text_add(&m->text, "Every other key is a variable, see\n.Sx SWEEPS .\n");
  add_arguments(m, &ls_sweep_section, ls_sweep_section.name);
  ls_text_add(&m->text, ".Pp\nThe values of a variable may be computed, by a mapping with:\n");
  add_arguments(m, &ls_range, "");
  add_forms(m);
  add_family(m, &ls_distributions);
}

int ls_manual_write(char **out, const ls_component *recipe) {
  manual m = {0};
  ls_text_add(&m.text, ".Ss Top level\n");
  begin_list(&m);
  for (const ls_arg *arg = recipe->args; arg->name; arg++) add_argument(&m, arg, "");
  ls_text_add(&m.text, ".It Cm %s\n", ls_sweep_section.name);
  add_sentence(&m, ls_sweep_section.purpose);
  ls_text_add(&m.text, "See\n.Sx %s .\n", ls_sweep_section.name);
  end_list(&m);
  add_sections(&m, recipe, "");
  add_sweep(&m);
  for (size_t i = 0; i < m.family_count; i++) add_family(&m, m.families[i]);
  *out = ls_text_take(&m.text);
  return *out ? LS_OK : LS_FAILED;
}
