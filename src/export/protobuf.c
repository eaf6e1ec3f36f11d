/* Fields of Protocol Buffers. */
#include "export/protobuf.h"

#include "base/escape.h"

#include <endian.h>
#include <string.h>

/* Wire types. */
enum { VARINT = 0, BITS_64 = 1, LENGTH = 2, BITS_32 = 5 };

/* Seven bits in each byte, the lowest first. */
static void add_varint(ls_text *out, uint64_t value) {
  do {
    char byte = (char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    ls_text_add_bytes(out, &byte, 1);
    value >>= 7;
  } while (value > 0);
}

static void add_key(ls_text *out, unsigned field, unsigned type) {
  add_varint(out, field << 3 | type);
}

void protobuf_add_integer(ls_text *out, unsigned field, uint64_t value) {
  add_key(out, field, VARINT);
  add_varint(out, value);
}

void protobuf_add_double(ls_text *out, unsigned field, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  bits = htole64(bits);
  add_key(out, field, BITS_64);
  ls_text_add_bytes(out, (const char *)&bits, sizeof bits);
}

void protobuf_add_float(ls_text *out, unsigned field, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  bits = htole32(bits);
  add_key(out, field, BITS_32);
  ls_text_add_bytes(out, (const char *)&bits, sizeof bits);
}

void protobuf_add_text(ls_text *out, unsigned field, const char *text) {
  ls_text visible = {0};
  ls_text_add_visible(&visible, "%s", text);
  protobuf_add_message(out, field, &visible);
}

void protobuf_add_message(ls_text *out, unsigned field, ls_text *message) {
  add_key(out, field, LENGTH);
  add_varint(out, message->length);
  if (message->length > 0) ls_text_add_bytes(out, message->data, message->length);
  out->failed |= message->failed;
  ls_text_free(message);
}
