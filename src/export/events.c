/* Records and messages of TensorBoard's event files. Field numbers are those of event.proto,
 * summary.proto and tensor.proto of TensorFlow. */
#include "export/events.h"

#include "export/protobuf.h"

#include <endian.h>

enum { EVENT_WALL_TIME = 1, EVENT_STEP = 2, EVENT_FILE_VERSION = 3, EVENT_SUMMARY = 5 };
enum { SUMMARY_VALUE = 1 };
enum { VALUE_TAG = 1, VALUE_SIMPLE = 2, VALUE_TENSOR = 8, VALUE_METADATA = 9 };
enum { METADATA_PLUGIN = 1, PLUGIN_NAME = 1, PLUGIN_CONTENT = 2 };
enum { TENSOR_TYPE = 1, TENSOR_SHAPE = 2, SHAPE_DIMENSION = 2, DIMENSION_SIZE = 1, DT_FLOAT = 1 };

uint32_t events_crc32c(const void *bytes, size_t length) {
  const unsigned char *at = bytes;
  uint32_t crc = ~0u;
  for (size_t i = 0; i < length; i++) {
    crc ^= at[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

/* Checksums are masked, as those of data that hold checksums would be weak. */
static void add_checksum(ls_text *out, const void *bytes, size_t length) {
  uint32_t crc = events_crc32c(bytes, length);
  uint32_t masked = htole32((crc >> 15 | crc << 17) + 0xa282ead8);
  ls_text_add_bytes(out, (const char *)&masked, sizeof masked);
}

/* Appends the record of an event, which is released. */
static void add_record(ls_text *out, ls_text *event) {
  uint64_t length = htole64(event->length);
  ls_text_add_bytes(out, (const char *)&length, sizeof length);
  add_checksum(out, &length, sizeof length);
  ls_text_add_bytes(out, event->data, event->length);
  add_checksum(out, event->data, event->length);
  out->failed |= event->failed;
  ls_text_free(event);
}

void events_begin(ls_text *out, double wall_time) {
  ls_text event = {0};
  protobuf_add_double(&event, EVENT_WALL_TIME, wall_time);
  protobuf_add_text(&event, EVENT_FILE_VERSION, "brain.Event:2");
  add_record(out, &event);
}

void events_add(ls_text *out, double wall_time, size_t step, ls_text *summary) {
  ls_text event = {0};
  protobuf_add_double(&event, EVENT_WALL_TIME, wall_time);
  protobuf_add_integer(&event, EVENT_STEP, step);
  protobuf_add_message(&event, EVENT_SUMMARY, summary);
  add_record(out, &event);
}

void events_add_scalar(ls_text *summary, const char *tag, double value) {
  ls_text message = {0};
  protobuf_add_text(&message, VALUE_TAG, tag);
  protobuf_add_float(&message, VALUE_SIMPLE, (float)value);
  protobuf_add_message(summary, SUMMARY_VALUE, &message);
}

/* A tensor of no elements, which TensorBoard requires beside the data of a plugin. */
static void add_empty_tensor(ls_text *value) {
  ls_text tensor = {0}, shape = {0}, dimension = {0};
  protobuf_add_integer(&dimension, DIMENSION_SIZE, 0);
  protobuf_add_message(&shape, SHAPE_DIMENSION, &dimension);
  protobuf_add_integer(&tensor, TENSOR_TYPE, DT_FLOAT);
  protobuf_add_message(&tensor, TENSOR_SHAPE, &shape);
  protobuf_add_message(value, VALUE_TENSOR, &tensor);
}

void events_add_plugin(ls_text *summary, const char *tag, const char *plugin, ls_text *content) {
  ls_text value = {0}, metadata = {0}, data = {0};
  protobuf_add_text(&data, PLUGIN_NAME, plugin);
  protobuf_add_message(&data, PLUGIN_CONTENT, content);
  protobuf_add_message(&metadata, METADATA_PLUGIN, &data);
  protobuf_add_text(&value, VALUE_TAG, tag);
  protobuf_add_message(&value, VALUE_METADATA, &metadata);
  add_empty_tensor(&value);
  protobuf_add_message(summary, SUMMARY_VALUE, &value);
}
