/* The checksum header of a checkpoint: the bytes before HDF5's part hold its size and checksum,
 * because HDF5 itself may crash or hang on a damaged file. Local. */
#ifndef LS_STORE_CHECKPOINT_CHECKSUM_H
#define LS_STORE_CHECKPOINT_CHECKSUM_H

enum { CHECKSUM_BYTES = 512 };

/* Writes the header of a complete file. */
int checksum_write(const char *path);

/* LS_INVALID, with the reason, unless the file is unchanged since its header was written. */
int checksum_verify(const char *path);

#endif
