/* The script of bash. It relies on bash alone, not on the package bash-completion. */
#include "cli/completion.h"

#include "cli/cli.h"
#include "cli/placeholder.h"

static const char beginning[] =
    "# Completion of lockstep's command lines in bash, by `lockstep completion bash`.\n"
    "_lockstep_words() {\n"
    "  COMPREPLY+=($(compgen -W \"$1\" -- \"$word\"))\n"
    "  [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace\n"
    "}\n"
    "# Files that end with the extension, or any, and the folders on the way to them.\n"
    "_lockstep_files() {\n"
    "  local IFS=$'\\n'\n"
    "  compopt -o filenames\n"
    "  COMPREPLY+=($(compgen -f -X \"!*$1\" -- \"$word\") $(compgen -d -- \"$word\"))\n"
    "}\n"
    "_lockstep_folders() {\n"
    "  local IFS=$'\\n'\n"
    "  compopt -o filenames\n"
    "  COMPREPLY+=($(compgen -d -- \"$word\"))\n"
    "}\n"
    "_lockstep() {\n"
    "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "  COMPREPLY=()\n"
    "  # bash makes three words of --option=value\n"
    "  if [[ $word == = ]]; then\n"
    "    word=\n"
    "  elif [[ $before == = ]]; then\n"
    "    before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "  fi\n";

static void add_actions(ls_text *out, const cli_completion *c) {
  if (*c->words) ls_text_add(out, " _lockstep_words '%s';", c->words);
  if (c->files) ls_text_add(out, " _lockstep_files '%s';", c->extension);
  if (c->folders) ls_text_add(out, " _lockstep_folders;");
}

/* What follows an option that takes a value. */
static void add_values(ls_text *out, const cli_verb *verb) {
  for (const struct argp_option *o = verb->parser->options; o->name; o++) {
    if (!o->arg) continue;
    cli_completion c = cli_complete_option(o->arg);
    ls_text_add(out, "  %s,--%s", verb->name, o->name);
    if (cli_has_letter(o)) ls_text_add(out, " | %s,-%c", verb->name, o->key);
    ls_text_add(out, ")");
    add_actions(out, &c);
    ls_text_add(out, " return ;;\n");
  }
}

static void add_options(ls_text *out, const cli_verb *verb) {
  ls_text_add(out, "  %s,-*) _lockstep_words '", verb->name);
  for (const struct argp_option *o = verb->parser->options; o->name; o++) {
    ls_text_add(out, "--%s%s ", o->name, o->arg ? "=" : "");
  }
  ls_text_add(out, "--help' ;;\n");
}

void cli_complete_bash(ls_text *out) {
  ls_text_add(out, "%s  if ((COMP_CWORD == 1)); then\n    _lockstep_words '", beginning);
  for (size_t i = 0; i < cli_verb_count; i++) ls_text_add(out, "%s ", cli_verbs[i]->name);
  ls_text_add(out, "--help --version'\n    return\n  fi\n  case ${COMP_WORDS[1]},$before in\n");
  for (size_t i = 0; i < cli_verb_count; i++) add_values(out, cli_verbs[i]);
  ls_text_add(out, "  esac\n  case ${COMP_WORDS[1]},$word in\n");
  for (size_t i = 0; i < cli_verb_count; i++) add_options(out, cli_verbs[i]);
  for (size_t i = 0; i < cli_verb_count; i++) {
    cli_completion c = cli_complete_arguments(cli_verbs[i]->parser);
    ls_text_add(out, "  %s,*)", cli_verbs[i]->name);
    add_actions(out, &c);
    ls_text_add(out, " ;;\n");
  }
  ls_text_add(out, "  esac\n}\ncomplete -F _lockstep lockstep\n");
}
