/* Writing the parts of a dataset file sample by sample, in blocks. Layout: data/dataset.h. Local.
 */
#ifndef LS_PREPARE_PART_WRITER_H
#define LS_PREPARE_PART_WRITER_H

#include "h5/h5.h"
#include "prepare/reader.h"

/* Creates the group `name` with datasets for `count` samples. The roles are borrowed. */
typedef struct part_writer part_writer;
int part_writer_create(part_writer **out, hid_t file, const char *name, const column_roles *roles,
                       size_t count);

/* Adds the reader's current row. */
int part_writer_add(part_writer *w, const row_reader *r);

/* Writes what is left. LS_INVALID if there were fewer samples than announced. */
int part_writer_finish(part_writer *w);

void part_writer_free(part_writer **w);

#endif
