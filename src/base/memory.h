/* Checked allocation: sizes are multiplied with care, memory is zeroed and aligned for vectors. */
#ifndef LS_BASE_MEMORY_H
#define LS_BASE_MEMORY_H

#include <stddef.h>

/* Allocates `count` zeroed items of `size` bytes each on a 64-byte boundary. Local.
 * Returns NULL, with the error recorded, if the product overflows or there is no memory. `count`
 * may be 0: the result is then a valid pointer to nothing. Release with free(). */
void *ls_new(size_t count, size_t size);

/* A copy of the text, or NULL with the error recorded. Release with free(). */
char *ls_copy_text(const char *text);

#endif
