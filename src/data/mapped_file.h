/* Parts of files that are mapped into memory. Pages are read when they are used, so a part may be
 * larger than memory; the system keeps what has been used recently, once for all processes of a
 * node.
 *
 * A page that cannot be read later, since the file was made shorter or its device has failed, ends
 * the program with a line that names the file. All functions are local. */
#ifndef LS_DATA_MAPPED_FILE_H
#define LS_DATA_MAPPED_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mapped_file mapped_file;

/* Maps `bytes` bytes (at least 1) of the open file `descriptor` from `offset` on, for reading and,
 * with `writable`, writing. Takes over the descriptor, also on failure. `path` names the file in
 * messages. LS_FAILED if the file is shorter, or there is no address space. */
int mapped_file_create(mapped_file **out, int descriptor, const char *path, uint64_t offset,
                       size_t bytes, bool writable);

/* The first byte. */
unsigned char *mapped_file_bytes(const mapped_file *file);

/* Asks the system to read bytes that will be used soon, without waiting for them. */
void mapped_file_read_ahead(const mapped_file *file, size_t begin, size_t end);

/* Tells the system that bytes will not be used soon: whole pages of them, which no other process
 * has mapped, leave its cache at once, which takes less time than when memory is short. */
void mapped_file_release(const mapped_file *file, size_t begin, size_t end);

void mapped_file_free(mapped_file **file);

#endif
