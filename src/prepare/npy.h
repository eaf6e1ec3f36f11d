/* Arrays in NumPy's format: a header, then the elements (NumPy Enhancement Proposal 1; versions 1
 * to 3). Elements are numbers, bool, or texts of fixed length, in C order. Files are not trusted.
 * Local. */
#ifndef LS_PREPARE_NPY_H
#define LS_PREPARE_NPY_H

#include "lockstep/types.h"

#include <stdbool.h>
#include <stddef.h>

/* Where an array is read from: bytes in order. `read` returns fewer, in `got`, only at the end. */
typedef struct npy_stream {
  int (*read)(void *user, void *bytes, size_t size, size_t *got);
  void *user;
  const char *label; /* for messages: "a.npz: x.npy" */
} npy_stream;

typedef struct npy_header {
  char kind;        /* b, i, u, f: numbers; U, S: text */
  size_t item_size; /* bytes of an element */
  bool swapped;     /* its bytes are in the other order than this machine's */
  size_t count;     /* samples: the first dimension */
  ls_shape shape;   /* of one sample */
  size_t length;    /* bytes of the header */
} npy_header;

/* Reads the header. LS_INVALID for what is not such an array of samples. */
int npy_read_header(npy_header *header, const npy_stream *stream);

/* The bytes of one sample, and of everything. */
size_t npy_sample_size(const npy_header *header);

/* Whether the elements are texts. */
bool npy_is_text(const npy_header *header);

/* Converts `count` numbers. */
void npy_decode(const npy_header *header, const unsigned char *bytes, size_t count, double *out);

/* Converts one text to UTF-8: `out` has room for item_size + 1 bytes. False if it is no text. */
bool npy_decode_text(const npy_header *header, const unsigned char *bytes, char *out);

#endif
