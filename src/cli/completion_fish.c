/* The script of fish: one `complete` for each verb, option and kind of argument. */
#include "cli/completion.h"

#include "cli/cli.h"
#include "cli/placeholder.h"

static void add_quoted(ls_text *out, const char *text) {
  ls_text_add(out, "'");
  for (; *text; text++) {
    bool special = *text == '\'' || *text == '\\';
    ls_text_add(out, "%s%c", special ? "\\" : "", *text);
  }
  ls_text_add(out, "'");
}

static void add_begin(ls_text *out, const cli_verb *verb) {
  ls_text_add(out, "complete -c lockstep -n '__fish_seen_subcommand_from %s'", verb->name);
}

static void add_candidates(ls_text *out, const cli_completion *c) {
  if (*c->words) ls_text_add(out, " -a '%s'", c->words);
  if (*c->extension) ls_text_add(out, " -k -a '(__fish_complete_suffix %s)'", c->extension);
  if (c->folders) ls_text_add(out, " -a '(__fish_complete_directories)'");
  if (c->files && !*c->extension) ls_text_add(out, " -F");
}

static void add_option(ls_text *out, const cli_verb *verb, const struct argp_option *o) {
  add_begin(out, verb);
  ls_text_add(out, " -l %s", o->name);
  if (cli_has_letter(o)) ls_text_add(out, " -s %c", o->key);
  if (o->arg) {
    cli_completion c = cli_complete_option(o->arg);
    ls_text_add(out, c.files && !*c.extension ? " -r" : " -x");
    add_candidates(out, &c);
  }
  ls_text_add(out, " -d ");
  add_quoted(out, o->doc);
  ls_text_add(out, "\n");
}

static void add_verb(ls_text *out, const cli_verb *verb) {
  ls_text_add(out, "complete -c lockstep -n __fish_use_subcommand -a %s -d ", verb->name);
  add_quoted(out, verb->purpose);
  ls_text_add(out, "\n");
  cli_completion c = cli_complete_arguments(verb->parser);
  if (*c.words || c.files) {
    add_begin(out, verb);
    add_candidates(out, &c);
    ls_text_add(out, "\n");
  }
  for (const struct argp_option *o = verb->parser->options; o->name; o++) {
    add_option(out, verb, o);
  }
  add_begin(out, verb);
  ls_text_add(out, " -l help -d 'Print the options'\n");
}

void cli_complete_fish(ls_text *out) {
  ls_text_add(out, "# Completion of lockstep's command lines in fish, by `lockstep completion "
                   "fish`.\ncomplete -c lockstep -f\n"
                   "complete -c lockstep -n __fish_use_subcommand -l help -d 'Print the verbs'\n"
                   "complete -c lockstep -n __fish_use_subcommand -l version -d "
                   "'Print the version'\n");
  for (size_t i = 0; i < cli_verb_count; i++) add_verb(out, cli_verbs[i]);
}
