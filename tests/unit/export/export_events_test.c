/* The bytes of event files: checksums, fields of messages. */
#include "export/events.h"
#include "export/protobuf.h"
#include "unit.h"

#include <string.h>

/* The test vectors of RFC 3720, B.4, and that of "123456789". */
static void checksums(void **state) {
  (void)state;
  unsigned char zeros[32] = {0}, ones[32], rising[32];
  memset(ones, 0xff, sizeof ones);
  for (int i = 0; i < 32; i++) rising[i] = (unsigned char)i;
  assert_int_equal(events_crc32c(zeros, sizeof zeros), 0x8a9136aa);
  assert_int_equal(events_crc32c(ones, sizeof ones), 0x62a8ab43);
  assert_int_equal(events_crc32c(rising, sizeof rising), 0x46dd794e);
  assert_int_equal(events_crc32c("123456789", 9), 0xe3069283);
}

/* The examples of protobuf.dev/programming-guides/encoding. */
static void messages(void **state) {
  (void)state;
  ls_text integer = {0}, text = {0}, outer = {0};
  protobuf_add_integer(&integer, 1, 150);
  assert_int_equal(integer.length, 3);
  assert_memory_equal(integer.data, "\x08\x96\x01", 3);
  protobuf_add_text(&text, 2, "testing");
  assert_int_equal(text.length, 9);
  assert_memory_equal(text.data, "\x12\x07testing", 9);
  protobuf_add_message(&outer, 3, &integer);
  assert_int_equal(outer.length, 5);
  assert_memory_equal(outer.data, "\x1a\x03\x08\x96\x01", 5);
  assert_null(integer.data);
  ls_text_free(&text);
  ls_text_free(&outer);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(checksums), cmocka_unit_test(messages)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
