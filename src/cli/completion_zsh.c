/* The script of zsh, for its function _arguments. */
#include "cli/completion.h"

#include "cli/cli.h"
#include "cli/placeholder.h"

/* Text within single quotes, and of a specification, in which brackets and colons have a meaning.
 */
static void add_text(ls_text *out, const char *text) {
  for (; *text; text++) {
    if (*text == '\'') {
      ls_text_add(out, "'\\''");
    } else {
      bool special = *text == '[' || *text == ']' || *text == ':' || *text == '\\';
      ls_text_add(out, "%s%c", special ? "\\" : "", *text);
    }
  }
}

/* ":PLACEHOLDER:ACTION" */
static void add_action(ls_text *out, const char *placeholder, const cli_completion *c) {
  ls_text_add(out, ":");
  add_text(out, placeholder);
  ls_text_add(out, ":");
  if (*c->words && c->files) {
    ls_text_add(out, "_lockstep_words_or_files %s", c->words);
  } else if (*c->words) {
    ls_text_add(out, "(%s)", c->words);
  } else if (c->files) {
    ls_text_add(out, *c->extension ? "_files -g \"*%s\"" : "_files", c->extension);
  } else if (c->folders) {
    ls_text_add(out, "_files -/");
  }
}

static void add_option(ls_text *out, const struct argp_option *o) {
  ls_text_add(out, "      '*'");
  if (cli_has_letter(o)) ls_text_add(out, "{-%c%s,", o->key, o->arg ? "+" : "");
  ls_text_add(out, "--%s%s%s'[", o->name, o->arg ? "=" : "", cli_has_letter(o) ? "}" : "");
  add_text(out, o->doc);
  ls_text_add(out, "]");
  if (o->arg) {
    cli_completion c = cli_complete_option(o->arg);
    add_action(out, o->arg, &c);
  }
  ls_text_add(out, "' \\\n");
}

static void add_verb(ls_text *out, const cli_verb *verb) {
  cli_completion c = cli_complete_arguments(verb->parser);
  ls_text_add(out, "    %s)\n      _arguments -s -S \\\n", verb->name);
  for (const struct argp_option *o = verb->parser->options; o->name; o++) add_option(out, o);
  ls_text_add(out, "      '--help[Print the options]'");
  if (*c.words || c.files) {
    ls_text_add(out, " \\\n      '*");
    add_action(out, "argument", &c);
    ls_text_add(out, "'");
  }
  ls_text_add(out, " ;;\n");
}

void cli_complete_zsh(ls_text *out) {
  ls_text_add(out,
              "#compdef lockstep\n"
              "# Completion of lockstep's command lines in zsh, by `lockstep completion zsh`.\n"
              "_lockstep_words_or_files() {\n  _alternative \"words:name:($*)\" "
              "'files:file:_files'\n}\n"
              "_lockstep() {\n  local context state line\n  typeset -A opt_args\n"
              "  local -a verbs=(\n");
  for (size_t i = 0; i < cli_verb_count; i++) {
    ls_text_add(out, "    '%s:", cli_verbs[i]->name);
    add_text(out, cli_verbs[i]->purpose);
    ls_text_add(out, "'\n");
  }
  ls_text_add(out, "  )\n"
                   "  _arguments -C '(- *)--help[Print the verbs]' "
                   "'(- *)--version[Print the version]' \\\n"
                   "    '1:verb:->verb' '*::argument:->argument'\n"
                   "  case $state in\n"
                   "  verb) _describe verb verbs ;;\n"
                   "  argument)\n    case $line[1] in\n");
  for (size_t i = 0; i < cli_verb_count; i++) add_verb(out, cli_verbs[i]);
  ls_text_add(out, "    esac ;;\n  esac\n}\n"
                   "if [[ $funcstack[1] == _lockstep ]]; then\n  _lockstep \"$@\"\nelse\n"
                   "  compdef _lockstep lockstep\nfi\n");
}
