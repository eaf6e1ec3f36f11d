/* The seal of a checkpoint: in the bytes before HDF5's part its size and a digest of it, because
 * HDF5 itself may crash or hang on a damaged file. Local. */
#ifndef LS_STORE_CHECKPOINT_CHECKSUM_H
#define LS_STORE_CHECKPOINT_CHECKSUM_H

enum { SEAL_BYTES = 512 };

/* Seals the finished file. */
int checksum_append(const char *path);

/* LS_INVALID, saying why, unless the file is as it was when it was sealed. */
int checksum_verify(const char *path);

#endif
