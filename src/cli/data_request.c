/* A request of `lockstep data`: checking and completing it, and its normal form. */
#include "cli/data_request.h"

#include "base/escape.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_SAMPLES = 10000000 };

const data_generator data_digits = {"digits", 60000, 10000};
const data_generator data_clock = {"clock", 14400, 3600};

data_request data_request_default(void) {
  return (data_request){.seed = 1, .size = 150, .rotation = 15, .conversion = {.one_hot = true}};
}

/* ---- Checking -------------------------------------------------------------------------------- */

/* Whether the word names a file, and not a dataset: names of datasets have neither dots nor
 * slashes. */
static bool is_file(const char *word) {
  return strpbrk(word, "./") || access(word, F_OK) == 0;
}

static void find_kind(data_request *r) {
  const char *word = r->word_count > 0 ? r->words[0] : "";
  if (strcmp(word, data_digits.name) == 0) r->generator = &data_digits;
  if (strcmp(word, data_clock.name) == 0) r->generator = &data_clock;
  r->kind = DATA_PUBLISHED;
  if (r->from_idx) {
    r->kind = DATA_IDX;
  } else if (r->generator) {
    r->kind = DATA_GENERATED;
  } else if (r->word_count > 0 && (r->describe || is_file(word))) {
    r->kind = DATA_FILE;
  }
}

static int check_words(const data_request *r) {
  if (r->from_idx && r->word_count != 2 && r->word_count != 4) {
    return ls_fail(
        LS_INVALID,
        "data: --idx: %zu files (expected images and labels, and maybe those for testing)",
        r->word_count);
  }
  if (r->kind != DATA_IDX && r->kind != DATA_FILE && r->word_count != 1) {
    return ls_fail(
        LS_INVALID,
        "data: %zu arguments (expected one of mnist, fashion_mnist, digits, clock; or a file; or "
        "--idx and files)",
        r->word_count);
  }
  return LS_OK;
}

static int check_generator(data_request *r) {
  r->train = r->generator->train;
  r->test = r->generator->test;
  int status = LS_OK;
  if (r->train_text) {
    status = cli_number(&r->train, "data: --train", r->train_text, 1, MOST_SAMPLES);
  }
  if (status == LS_OK && r->test_text) {
    status = cli_number(&r->test, "data: --test", r->test_text, 0, MOST_SAMPLES);
  }
  return status;
}

/* --test is a fraction of the samples, or a file with others. */
static int read_test(ls_conversion *c, const char *text) {
  char *end;
  double fraction = strtod(text, &end);
  if (*end != '\0') {
    c->test = text;
    return LS_OK;
  }
  c->test_fraction = fraction;
  if (fraction > 0 && fraction < 1) return LS_OK;
  return ls_fail(LS_INVALID, "data: --test: '%s' (expected a fraction between 0 and 1, or a file)",
                 text);
}

static int check_conversion(data_request *r) {
  ls_conversion *c = &r->conversion;
  c->source = r->words[0];
  c->title = r->title ? r->title : r->words[0];
  c->seed = r->seed;
  if (!r->output) return ls_fail(LS_INVALID, "data: %s needs -o FILE, the file to make", c->source);
  if (c->reading.crop && c->reading.height == 0) {
    return ls_fail(LS_INVALID, "data: --crop goes with --resize only");
  }
  if (r->test_text) {
    int status = read_test(c, r->test_text);
    if (status != LS_OK) return status;
  }
  if (c->test_inputs.count > 0 && c->test_fraction > 0) {
    return ls_fail(LS_INVALID, "data: --test-x and --test FRACTION exclude each other");
  }
  if (c->stratify && c->test_fraction == 0) {
    return ls_fail(LS_INVALID, "data: --stratify goes with --test FRACTION only");
  }
  if (c->target_vector && c->target_count == 0) {
    return ls_fail(LS_INVALID, "data: --target-vector goes with --target only");
  }
  if (c->stratify && c->group) {
    return ls_fail(LS_INVALID, "data: --stratify and --group exclude each other");
  }
  return LS_OK;
}

int data_request_check(data_request *r) {
  find_kind(r);
  int status = check_words(r);
  if (status != LS_OK) return status;
  if (r->kind == DATA_IDX && !r->output) {
    return ls_fail(LS_INVALID, "data: --idx needs -o FILE, the file to make");
  }
  if (r->title && r->kind != DATA_IDX && r->kind != DATA_FILE) {
    return ls_fail(LS_INVALID, "data: --name goes with files only");
  }
  if (r->kind != DATA_GENERATED && r->train_text) {
    return ls_fail(LS_INVALID, "data: --train goes with digits and clock only");
  }
  if (r->clock_options && r->generator != &data_clock) {
    return ls_fail(LS_INVALID, "data: --size and --rotation go with clock only");
  }
  if (r->kind != DATA_GENERATED && r->kind != DATA_FILE && (r->seed_given || r->test_text)) {
    return ls_fail(LS_INVALID, "data: --seed and --test go with digits, clock and files only");
  }
  if (r->kind != DATA_FILE && r->file_option) {
    return ls_fail(LS_INVALID, "data: --%s goes with a file only, such as mine.csv",
                   r->file_option);
  }
  r->conversion.reading.paths = r->words + 1;
  r->conversion.reading.path_count = r->kind == DATA_FILE ? r->word_count - 1 : 0;
  r->conversion.reading.text_columns = r->conversion.texts.items;
  r->conversion.reading.text_column_count = r->conversion.texts.count;
  if (r->describe) return LS_OK;
  if (r->kind == DATA_GENERATED) return check_generator(r);
  return r->kind == DATA_FILE ? check_conversion(r) : LS_OK;
}

/* ---- History --------------------------------------------------------------------------------- */

static void add_option(ls_text *text, const char *option, const char *value) {
  if (!value) return;
  ls_text_add(text, " --%s ", option);
  ls_escape_shell(text, value);
}

static void add_names(ls_text *text, const char *option, const ls_names *names) {
  for (size_t i = 0; i < names->count; i++) add_option(text, option, names->items[i]);
}

static void add_conversion(ls_text *text, const data_request *r) {
  static const char *const kinds[] = {"", "=class", "=value"};
  static const char *const missing[] = {NULL, "mean", "median", "drop"};
  const ls_conversion *c = &r->conversion;
  const char separator[2] = {c->reading.separator, '\0'};
  add_names(text, "x", &c->inputs);
  for (size_t i = 0; i < c->target_count; i++) {
    add_option(text, "target", c->targets[i].column);
    ls_text_add(text, "%s", kinds[c->targets[i].kind]);
  }
  if (c->target_vector) ls_text_add(text, " --target-vector");
  add_names(text, "test-x", &c->test_inputs);
  add_names(text, "test-y", &c->test_targets);
  for (size_t i = 0; i < c->weight_count; i++) {
    add_option(text, "weight", c->weights[i].column);
    if (!*c->weights[i].head) continue;
    ls_text_add(text, "=");
    ls_escape_shell(text, c->weights[i].head);
  }
  add_names(text, "drop", &c->dropped);
  add_option(text, "test", r->test_text);
  if (c->stratify) ls_text_add(text, " --stratify");
  add_option(text, "group", c->group);
  if (c->test_fraction > 0) ls_text_add(text, " --seed %llu", (unsigned long long)r->seed);
  add_option(text, "missing", missing[c->missing]);
  add_option(text, "na", c->reading.missing);
  if (!c->one_hot) ls_text_add(text, " --categories integer");
  add_names(text, "text", &c->texts);
  if (*separator) add_option(text, "separator", *separator == '\t' ? "tab" : separator);
  if (c->reading.no_header) ls_text_add(text, " --no-header");
  if (c->reading.height > 0) {
    ls_text_add(text, " --resize %zux%zu", c->reading.height, c->reading.width);
  }
  if (c->reading.crop) ls_text_add(text, " --crop");
  if (c->reading.channels > 0) {
    add_option(text, "color-mode", c->reading.channels == 1 ? "grayscale" : "rgb");
  }
}

char *data_request_history(const data_request *r) {
  ls_text text = {0};
  ls_text_add(&text, "lockstep data%s", r->from_idx ? " --idx" : "");
  for (size_t i = 0; i < r->word_count; i++) ls_text_add(&text, " %s", r->words[i]);
  if (r->title) ls_text_add(&text, " --name '%s'", r->title);
  if (r->kind == DATA_FILE) add_conversion(&text, r);
  if (r->generator) {
    ls_text_add(&text, " --seed %llu --train %llu --test %llu", (unsigned long long)r->seed,
                (unsigned long long)r->train, (unsigned long long)r->test);
  }
  if (r->generator == &data_clock) {
    ls_text_add(&text, " --size %llu --rotation %llu", (unsigned long long)r->size,
                (unsigned long long)r->rotation);
  }
  return ls_text_take(&text);
}
