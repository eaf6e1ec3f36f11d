/* What the fuzz targets share. A target is one function that takes any bytes; it runs under
 * libFuzzer (clang, -DLS_FUZZ=ON), which makes them up, or with replay.c, which takes them from
 * files. Whatever they are, the code under test returns a status of its own with a message of one
 * line, and neither crashes nor leaks: what else has to hold is said by `require`. */
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

/* A temporary file, by its path; in it what is put there. There are two, numbered 0 and 1. HDF5
 * takes none that lives in memory alone: TMPDIR had better be a folder that does. */
void put_file(int number, const void *data, size_t size);
const char *file_path(int number);

/* The file's content, fewer than `room` bytes. */
size_t take_file(int number, void *data, size_t room);

#endif
