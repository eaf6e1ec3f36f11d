/* The published datasets that can be made by name: what is in them and where their files are. */
#ifndef LS_PREPARE_KNOWN_H
#define LS_PREPARE_KNOWN_H

#include <stddef.h>
#include <xxhash.h>

enum { LS_KNOWN_COUNT = 2, LS_KNOWN_FILES = 4, LS_KNOWN_MIRRORS = 2 };

/* Training images, training labels, test images, test labels; compressed files end in .gz too. */
extern const char *const ls_known_file_names[LS_KNOWN_FILES];

typedef struct ls_known {
  const char *name;               /* as in a job file */
  const char *title;              /* attribute of the dataset file */
  const char *const *class_names; /* [class_count] */
  size_t class_count;
  /* XXH3, 128 bits, of the uncompressed files in the order of ls_known_file_names. */
  XXH128_hash_t checksums[LS_KNOWN_FILES];
  /* Folder in which a system package installs the files; NULL: none. */
  const char *folder;
  /* Web addresses below which the compressed files are, in the order in which to try them. */
  const char *mirrors[LS_KNOWN_MIRRORS];
  size_t mirror_count;
} ls_known;

extern const ls_known ls_known_all[LS_KNOWN_COUNT];

#endif
