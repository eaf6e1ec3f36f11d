/* The published datasets that can be made by name: what is in them and where their files are. */
#ifndef LS_PREPARE_PUBLISHED_H
#define LS_PREPARE_PUBLISHED_H

#include <stddef.h>
#include <xxhash.h>

enum { LS_PUBLISHED_COUNT = 2, LS_PUBLISHED_FILES = 4, LS_PUBLISHED_MIRRORS = 2 };

/* Training images, training labels, test images, test labels; compressed files end in .gz too. */
extern const char *const ls_published_file_names[LS_PUBLISHED_FILES];

typedef struct ls_published {
  const char *name;               /* as in a job file */
  const char *title;              /* attribute of the dataset file */
  const char *const *class_names; /* [class_count] */
  size_t class_count;
  /* XXH3, 128 bits, of the uncompressed files in the order of ls_published_file_names. */
  XXH128_hash_t checksums[LS_PUBLISHED_FILES];
  /* Folder in which a system package installs the files; NULL: none. */
  const char *folder;
  /* Web addresses below which the compressed files are, in the order in which to try them. */
  const char *mirrors[LS_PUBLISHED_MIRRORS];
  size_t mirror_count;
} ls_published;

extern const ls_published ls_published_datasets[LS_PUBLISHED_COUNT];

#endif
