/* Checked allocation, the recorded error, releasing a component's values. */
#include "unit.h"

#include "lockstep/component.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void allocation(void **state) {
  (void)state;
  static const size_t sizes[] = {0, 1, 63, 64, 65, 1000};
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    unsigned char *memory = ls_new(sizes[i], 3);
    assert_non_null(memory);
    assert_int_equal((uintptr_t)memory % 64, 0);
    for (size_t k = 0; k < 3 * sizes[i]; k++) assert_int_equal(memory[k], 0);
    free(memory);
  }
  char *copy = ls_copy_text("some text");
  assert_string_equal(copy, "some text");
  free(copy);
}

/* Whether the kernel was asked for huge pages at that address: flag "hg" of smaps in proc(5). */
static bool asked_for_huge_pages(const void *memory) {
  FILE *file = fopen("/proc/self/smaps", "r");
  char line[512];
  unsigned long begin, end;
  bool inside = false, asked = false;
  assert_non_null(file);
  while (fgets(line, sizeof line, file)) {
    if (sscanf(line, "%lx-%lx ", &begin, &end) == 2) {
      inside = begin <= (uintptr_t)memory && (uintptr_t)memory < end;
    } else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
      asked = strstr(line, " hg") != NULL;
    }
  }
  fclose(file);
  return asked;
}

/* Large arrays lie in huge pages where the kernel has them, except for what is less than one. */
static void huge_pages(void **state) {
  (void)state;
  static const size_t sizes[] = {LS_HUGE_ARRAY, LS_HUGE_ARRAY + 1, 5 * LS_HUGE_PAGE / 2};
  const bool supported = access("/sys/kernel/mm/transparent_hugepage", F_OK) == 0;
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    unsigned char *memory = ls_new(sizes[i], 1);
    assert_non_null(memory);
    assert_int_equal((uintptr_t)memory % LS_HUGE_PAGE, 0);
    for (size_t k = 0; k < sizes[i]; k++) assert_int_equal(memory[k], 0);
    const size_t whole = sizes[i] / LS_HUGE_PAGE * LS_HUGE_PAGE;
    for (size_t at = 0; at < whole; at += LS_HUGE_PAGE) {
      assert_int_equal(asked_for_huge_pages(memory + at), supported);
    }
    free(memory);
  }
}

static void too_much(void **state) {
  (void)state;
  static const size_t asked[][2] = {
      {SIZE_MAX, 2}, {SIZE_MAX / 8 + 1, 8}, {SIZE_MAX, 1}, {SIZE_MAX - 63, 1}, {SIZE_MAX / 4, 1}};
  for (size_t i = 0; i < COUNT_OF(asked); i++) {
    ls_error_clear();
    assert_null(ls_new(asked[i][0], asked[i][1]));
    assert_non_null(strstr(ls_error_message(), "out of memory"));
  }
}

static void together(void **state) {
  (void)state;
  ls_memory memory = {0};
  for (size_t i = 0; i < 100; i++) {
    int *numbers = ls_memory_new(&memory, i, sizeof *numbers);
    assert_non_null(numbers);
    assert_int_equal((uintptr_t)numbers % 64, 0);
    for (size_t k = 0; k < i; k++) assert_int_equal(numbers[k], 0);
  }
  assert_string_equal(ls_memory_text(&memory, "%s %d", "text", 5), "text 5");
  assert_int_equal(ls_memory_status(&memory), LS_OK);
  ls_error_clear();
  assert_null(ls_memory_new(&memory, SIZE_MAX, 2));
  assert_non_null(strstr(ls_error_message(), "out of memory"));
  assert_null(ls_memory_new(&memory, 1, 1));
  assert_null(ls_memory_text(&memory, "more"));
  assert_int_equal(ls_memory_status(&memory), LS_FAILED);
  ls_memory_free(&memory);
  assert_int_equal(ls_memory_status(&memory), LS_OK);
  assert_int_equal(memory.count, 0);
}

static void errors(void **state) {
  (void)state;
  assert_int_equal(ls_fail(LS_INVALID, "%s: %d", "first", 1), LS_INVALID);
  assert_string_equal(ls_error_message(), "first: 1");
  assert_int_equal(ls_fail(LS_FAILED, "second"), LS_FAILED);
  assert_string_equal(ls_error_message(), "second");
  ls_error_clear();
  assert_string_equal(ls_error_message(), "");
}

/* A component with one argument of each kind that owns memory, and itself within. */
typedef struct everything {
  char *text;
  ls_reals reals;
  ls_texts texts;
  ls_choice choice;
  ls_choices choices;
  struct {
    char *text;
  } section;
} everything;

static const ls_arg section_args[] = {{"text", LS_ARG_TEXT, 0}, {NULL}};
static const ls_component section = {"section", "", sizeof(char *), section_args};
static const ls_arg args[] = {
    {"text", LS_ARG_TEXT, offsetof(everything, text)},
    {"reals", LS_ARG_REALS, offsetof(everything, reals)},
    {"texts", LS_ARG_TEXTS, offsetof(everything, texts)},
    {"choice", LS_ARG_CHOICE, offsetof(everything, choice)},
    {"choices", LS_ARG_CHOICES, offsetof(everything, choices)},
    {"section", LS_ARG_SECTION, offsetof(everything, section), .section = &section},
    {NULL},
};
static const ls_component type = {"everything", "", sizeof(everything), args};
static const ls_component plain = {"plain", "", 0, NULL};

static ls_choice nested(void) {
  everything *inner = new_array(1, sizeof *inner);
  inner->text = ls_copy_text("inner");
  inner->choice = (ls_choice){&plain, NULL, ls_copy_text("a place")};
  return (ls_choice){&type, inner, ls_copy_text("another place")};
}

/* That nothing is left behind is for the leak checker to see. */
static void clearing(void **state) {
  (void)state;
  everything values = {.text = ls_copy_text("outer"),
                       .reals = {new_array(3, sizeof(double)), 3},
                       .texts = {new_array(1, sizeof(char *)), 1},
                       .choice = nested(),
                       .choices = {new_array(2, sizeof(ls_choice)), 2},
                       .section = {ls_copy_text("section")}};
  values.texts.items[0] = ls_copy_text("one");
  values.choices.items[0] = nested();
  values.choices.items[1] = nested();
  ls_component_clear(&type, &values);
  everything empty;
  memset(&empty, 0, sizeof empty);
  assert_memory_equal(&values, &empty, sizeof empty);
  ls_component_clear(&type, &values); /* of what is clear: does nothing */
  ls_component_clear(&plain, NULL);
}

static void families(void **state) {
  (void)state;
  static const ls_component *const members[] = {&plain, &type};
  const ls_family family = {"thing", members, 2};
  assert_ptr_equal(ls_family_find(&family, "everything"), &type);
  assert_null(ls_family_find(&family, "every"));
  assert_null(ls_family_find(&family, ""));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(allocation), cmocka_unit_test(huge_pages), cmocka_unit_test(too_much),
      cmocka_unit_test(together),   cmocka_unit_test(errors),     cmocka_unit_test(clearing),
      cmocka_unit_test(families),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
