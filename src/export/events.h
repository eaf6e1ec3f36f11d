/* Event files of TensorBoard: records (TFRecord) that each hold a message Event.
 *
 * A record is the length of its data in 8 bytes, the masked CRC-32C of these, the data, and their
 * masked CRC-32C, all little-endian (tensorflow/core/lib/io/record_writer.h). Pure. */
#ifndef LS_EXPORT_EVENTS_H
#define LS_EXPORT_EVENTS_H

#include "base/text.h"

/* CRC-32C of Castagnoli (IEEE Trans. Communications 41, 1993) of `length` bytes. */
uint32_t events_crc32c(const void *bytes, size_t length);

/* Appends the record with which a file of events begins. */
void events_begin(ls_text *out, double wall_time);

/* Appends a record with an event that has a message Summary, which is released. `wall_time` is in
 * seconds since 1970. */
void events_add(ls_text *out, double wall_time, size_t step, ls_text *summary);

/* Appends a scalar to a summary; or the data of a plugin, a message, which is released. */
void events_add_scalar(ls_text *summary, const char *tag, double value);
void events_add_plugin(ls_text *summary, const char *tag, const char *plugin, ls_text *content);

#endif
