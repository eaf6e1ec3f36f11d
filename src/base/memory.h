/* Checked allocation: sizes are checked for overflow, memory is zeroed and aligned for vectors. */
#ifndef LS_BASE_MEMORY_H
#define LS_BASE_MEMORY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Arrays of LS_HUGE_ARRAY bytes or more are aligned to LS_HUGE_PAGE bytes, and Linux is asked to
 * store them in huge pages (madvise, MADV_HUGEPAGE): the weights of wide layers have more pages of
 * 4 KiB than processors keep addresses of, so that products would wait for page tables. Where the
 * system lacks huge pages, has them switched off
 * (/sys/kernel/mm/transparent_hugepage/enabled: never) or has none free, pages are of the usual
 * size: the results are identical, products of large matrices are slower. Only whole huge pages
 * are asked for, so that no more memory is used. */
enum { LS_HUGE_PAGE = 2 << 20, LS_HUGE_ARRAY = 2 * LS_HUGE_PAGE };

/* Allocates `count` zeroed items of `size` bytes each on a 64-byte boundary. Local.
 * Returns NULL, with the error recorded, if the product overflows or there is no memory. `count`
 * may be 0: the result is then a valid pointer to nothing. Release with free(). */
void *ls_new(size_t count, size_t size);

/* LS_FAILED, naming `what` needs it, if this process may not map `bytes` more bytes (`ulimit -v`).
 * For libraries that end or wait forever without memory: call it before they allocate. Local. */
int ls_memory_check(size_t bytes, const char *what);

/* A copy of the text, or NULL with the error recorded. Release with free(). */
char *ls_copy_text(const char *text);

/* Allocations that are released together, such as all arrays of a result. Start from {0}. Once one
 * has failed, with the error recorded, all later ones return NULL: the status needs checking only
 * after the last one. Local. */
typedef struct ls_memory {
  void **blocks;
  size_t count, capacity;
  bool failed;
} ls_memory;

/* The same as ls_new, released by ls_memory_free. */
void *ls_memory_new(ls_memory *memory, size_t count, size_t size);

/* Takes over a block that malloc or its like allocated, and returns it. NULL, for which the error
 * was recorded, counts as a failed allocation. */
void *ls_memory_keep(ls_memory *memory, void *block);

/* printf-formatted text. */
char *ls_memory_text(ls_memory *memory, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *ls_memory_text_v(ls_memory *memory, const char *format, va_list args);

/* LS_OK, or LS_FAILED if any allocation has failed. */
int ls_memory_status(const ls_memory *memory);

/* Releases everything; the ls_memory is empty afterwards. */
void ls_memory_free(ls_memory *memory);

#endif
