/* Shared by the fuzz targets. A target is one function that takes any bytes. It runs under
 * libFuzzer (clang, -DLS_FUZZ=ON), which generates them, or with replay.c, which reads them from
 * files. For any bytes the code under test returns a status with a one-line message, and neither
 * crashes nor leaks; further conditions are checked by `require`. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's names. `data` is borrowed. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process with that text, as a defect, unless `holds`. */
void require(int holds, const char *what);

/* Requires a status, and where it is an error a message of one line; then forgets the message. */
void require_outcome(int status);

/* Two temporary files, numbered 0 and 1, with these contents. HDF5 needs files with names; for
 * speed TMPDIR should be a folder in memory. */
void put_file(int number, const void *data, size_t size);
const char *file_path(int number);

/* The file's content, fewer than `room` bytes. */
size_t take_file(int number, void *data, size_t room);

#endif
