/* The library that multiplies matrices: OpenBLAS. Local. */
#ifndef LS_NN_COMPUTE_H
#define LS_NN_COMPUTE_H

/* To be called first of all, with main's argv. OpenBLAS chooses its kernels while it is loaded, by
 * a list of processor models; on a model that is newer than the list it falls back to kernels
 * without AVX, several times slower. Where that happened this starts the program anew with the
 * environment variable OPENBLAS_CORETYPE set by what the processor can do; otherwise, or where the
 * user has set that variable, it returns at once. */
void ls_compute_choose_kernels(char **argv);

/* Prepares this thread for training. OpenBLAS is to use one thread: ranks are the parallelism, and
 * its own threads, of which it starts as many as the machine has cores in every rank, would only
 * get in one another's way. Numbers too small for the normal format become 0: velocities of weights
 * whose input is seldom anything but 0 decay into them, and processors compute with them a hundred
 * times slower. */
void ls_compute_start(void);

/* Its name, version and the processor type it chose, such as "OpenBLAS 0.3.21 SkylakeX". */
const char *ls_compute_name(void);

/* Floating-point operations per second of a product of [m, k] and [k, n] matrices, measured for
 * about `seconds`. 0 if there is no memory for it. */
double ls_compute_speed(int m, int n, int k, double seconds);

#endif
