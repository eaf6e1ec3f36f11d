/* Messages of Protocol Buffers: appending fields to a text of bytes. Each function takes the
 * field's number. Encoding: protobuf.dev/programming-guides/encoding. Pure. */
#ifndef LS_EXPORT_PROTOBUF_H
#define LS_EXPORT_PROTOBUF_H

#include "base/text.h"

void protobuf_add_integer(ls_text *out, unsigned field, uint64_t value); /* also enumerations */
void protobuf_add_double(ls_text *out, unsigned field, double value);
void protobuf_add_float(ls_text *out, unsigned field, float value);

/* A text, which has to be UTF-8: other bytes are written as escapes. */
void protobuf_add_text(ls_text *out, unsigned field, const char *text);

/* Bytes or a message, which is released. */
void protobuf_add_message(ls_text *out, unsigned field, ls_text *message);

#endif
