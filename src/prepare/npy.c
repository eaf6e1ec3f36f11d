/* Arrays in NumPy's format. */
#include "prepare/npy.h"

#include "lockstep/error.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_HEADER = 65536, LONGEST_TEXT = 4096 };

/* ---- The header ------------------------------------------------------------------------------ */

static int fail_header(const npy_stream *s, const char *found, const char *expected) {
  return ls_fail(LS_INVALID, "%s: %s (expected %s)", s->label, found, expected);
}

static int read_all(const npy_stream *s, void *bytes, size_t size) {
  size_t got = 0;
  int status = s->read(s->user, bytes, size, &got);
  if (status == LS_OK && got < size) {
    status = fail_header(s, "ends within its header", "an array of NumPy");
  }
  return status;
}

/* Reads the text of the header, a dictionary of Python. */
static int read_dictionary(npy_header *h, const npy_stream *s, char text[LONGEST_HEADER + 1]) {
  unsigned char head[12];
  int status = read_all(s, head, 10);
  if (status != LS_OK) return status;
  if (memcmp(head, "\x93NUMPY", 6) != 0 || head[6] < 1 || head[6] > 3) {
    return fail_header(s, "is not an array of NumPy", "a file that numpy.save has written");
  }
  size_t length = (size_t)head[8] | (size_t)head[9] << 8;
  h->length = 10;
  if (head[6] > 1) {
    status = read_all(s, head + 10, 2);
    if (status != LS_OK) return status;
    length |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
    h->length = 12;
  }
  if (length > LONGEST_HEADER) {
    return fail_header(s, "has a header of more than 64 KiB", "an array of NumPy");
  }
  status = read_all(s, text, length);
  text[length] = '\0';
  h->length += length;
  return status;
}

/* The text behind a key of the dictionary; NULL if it has none. */
static const char *find_value(const char *text, const char *key) {
  const char *found = strstr(text, key);
  if (!found) return NULL;
  found += strlen(key);
  found += strspn(found, " :");
  return found;
}

static int parse_type(npy_header *h, const npy_stream *s, const char *text) {
  const char *value = find_value(text, "'descr'");
  char order = 0, kind = 0, found[64];
  unsigned size = 0;
  if (!value || sscanf(value, "'%c%c%u'", &order, &kind, &size) != 3 || !strchr("<>|=", order)) {
    int length = value ? (int)strcspn(value + 1, "'") : 0;
    snprintf(found, sizeof found, "has elements of type %.*s", length < 30 ? length : 30,
             value ? value + 1 : "");
    return fail_header(s, found, "numbers or texts of fixed length");
  }
  bool number = (strchr("iu", kind) && (size == 1 || size == 2 || size == 4 || size == 8)) ||
                (kind == 'f' && (size == 2 || size == 4 || size == 8)) ||
                (kind == 'b' && size == 1);
  bool is_text = strchr("US", kind) && size > 0 && size <= LONGEST_TEXT;
  if (!number && !is_text) {
    snprintf(found, sizeof found, "has elements of type %c%u", kind, size);
    return fail_header(s, found, "numbers or texts of fixed length, not Python objects");
  }
  h->kind = kind;
  h->item_size = kind == 'U' ? 4 * (size_t)size : size;
  h->swapped = order == '>';
  return LS_OK;
}

static int parse_shape(npy_header *h, const npy_stream *s, const char *text) {
  const char *value = find_value(text, "'shape'");
  size_t extents[LS_MAX_DIMS + 1], rank = 0, size = h->item_size;
  const char *expected = "samples of up to 4 dimensions: [sample, ...]";
  if (!value || *value != '(') return fail_header(s, "has no shape in its header", expected);
  for (value += strspn(value, "( "); *value >= '0' && *value <= '9';
       value += strspn(value, ", L")) {
    char *end;
    unsigned long long extent = strtoull(value, &end, 10);
    if (rank > LS_MAX_DIMS) return fail_header(s, "has more than 5 dimensions", expected);
    if (extent > INT32_MAX || extent == 0 || __builtin_mul_overflow(size, extent, &size)) {
      return fail_header(s, "has a dimension that is 0 or too large", expected);
    }
    extents[rank++] = extent;
    value = end;
  }
  if (rank == 0) return fail_header(s, "is a single element", expected);
  h->count = extents[0];
  h->shape = (ls_shape){(int)rank - 1, {0}};
  for (size_t i = 1; i < rank; i++) h->shape.extent[i - 1] = (int64_t)extents[i];
  return npy_sample_size(h) > (size_t)1 << 30
             ? fail_header(s, "has samples of more than 1 GiB", expected)
             : LS_OK;
}

int npy_read_header(npy_header *h, const npy_stream *s) {
  static char text[LONGEST_HEADER + 1];
  *h = (npy_header){0};
  int status = read_dictionary(h, s, text);
  if (status == LS_OK) status = parse_type(h, s, text);
  if (status == LS_OK) status = parse_shape(h, s, text);
  if (status != LS_OK) return status;
  const char *order = find_value(text, "'fortran_order'");
  if (order && strncmp(order, "True", 4) == 0 && h->shape.rank > 0) {
    return fail_header(s, "is in Fortran order", "C order: save numpy.ascontiguousarray(a)");
  }
  if (npy_is_text(h) && h->shape.rank > 0) {
    return fail_header(s, "has several texts per sample", "one");
  }
  return LS_OK;
}

size_t npy_sample_size(const npy_header *h) {
  return (size_t)ls_shape_size(&h->shape) * h->item_size;
}

bool npy_is_text(const npy_header *h) {
  return h->kind == 'U' || h->kind == 'S';
}

/* ---- Elements -------------------------------------------------------------------------------- */

/* The bits of an element, in this machine's order. */
static uint64_t load(const npy_header *h, const unsigned char *bytes, size_t size) {
  uint64_t bits = 0;
  bool big = h->swapped;
  for (size_t i = 0; i < size; i++) bits |= (uint64_t)bytes[big ? size - 1 - i : i] << (8 * i);
  return bits;
}

/* IEEE 754 binary16. */
static double decode_half(uint64_t bits) {
  int exponent = (int)(bits >> 10 & 31);
  double fraction = (double)(bits & 1023) / 1024;
  double value = exponent == 31 ? (fraction > 0 ? NAN : INFINITY)
                 : exponent > 0 ? ldexp(1 + fraction, exponent - 15)
                                : ldexp(fraction, -14);
  return bits >> 15 ? -value : value;
}

static double decode_float(uint64_t bits, size_t size) {
  if (size == 2) return decode_half(bits);
  if (size == 4) {
    uint32_t low = (uint32_t)bits;
    float value;
    memcpy(&value, &low, sizeof value);
    return (double)value;
  }
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static double decode_signed(uint64_t bits, size_t size) {
  const unsigned unused = (unsigned)(64 - 8 * size);
  return (double)((int64_t)(bits << unused) >> unused);
}

void npy_decode(const npy_header *h, const unsigned char *bytes, size_t count, double *out) {
  for (size_t i = 0; i < count; i++) {
    uint64_t bits = load(h, bytes + i * h->item_size, h->item_size);
    out[i] = h->kind == 'f'   ? decode_float(bits, h->item_size)
             : h->kind == 'i' ? decode_signed(bits, h->item_size)
                              : (double)bits;
  }
}

/* Appends a character as UTF-8; returns its length, 0 if there is no such character. */
static size_t encode_utf8(char *out, uint32_t c) {
  if (c < 0x80) return *out = (char)c, 1;
  if (c < 0x800) {
    out[0] = (char)(0xc0 | c >> 6);
    out[1] = (char)(0x80 | (c & 63));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = (char)(0xe0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 63));
    out[2] = (char)(0x80 | (c & 63));
    return c >= 0xd800 && c < 0xe000 ? 0 : 3;
  }
  out[0] = (char)(0xf0 | c >> 18);
  out[1] = (char)(0x80 | (c >> 12 & 63));
  out[2] = (char)(0x80 | (c >> 6 & 63));
  out[3] = (char)(0x80 | (c & 63));
  return c < 0x110000 ? 4 : 0;
}

bool npy_decode_text(const npy_header *h, const unsigned char *bytes, char *out) {
  size_t used = 0;
  if (h->kind == 'S') {
    memcpy(out, bytes, h->item_size);
    out[h->item_size] = '\0';
    return true;
  }
  for (size_t i = 0; i < h->item_size; i += 4) {
    uint32_t c = (uint32_t)load(h, bytes + i, 4);
    if (c == 0) break; /* the rest is padding */
    size_t length = encode_utf8(out + used, c);
    if (length == 0) return false;
    used += length;
  }
  out[used] = '\0';
  return true;
}
