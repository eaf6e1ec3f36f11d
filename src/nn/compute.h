/* OpenBLAS, the library that multiplies matrices: choosing its kernels, preparing a thread, its
 * name and speed. All functions are local. */
#ifndef LS_NN_COMPUTE_H
#define LS_NN_COMPUTE_H

/* Restarts the program if OpenBLAS has chosen slow kernels. OpenBLAS chooses its kernels when it is
 * loaded, from a list of processor models; on a newer model it falls back to kernels without AVX,
 * which are several times slower. This function then executes the program again with the
 * environment variable OPENBLAS_CORETYPE set for the processor. It returns at once if the kernels
 * are right or the user has set that variable. Call it first, with main's argv. */
void ls_compute_choose_kernels(char **argv);

/* Prepares this thread for training. Limits OpenBLAS to one thread: the ranks use all cores, and by
 * default OpenBLAS would start one thread per core in every rank. Makes denormal numbers 0: the
 * velocities of weights whose input is almost always 0 decay to them, and processors compute with
 * them a hundred times slower. */
void ls_compute_start(void);

/* Returns the name, version and kernels of the library, such as "OpenBLAS 0.3.21 SkylakeX". */
const char *ls_compute_name(void);

/* Returns the floating-point operations per second of a product of [m, k] and [k, n] matrices,
 * measured for about `seconds`; 0 without memory. */
double ls_compute_speed(int m, int n, int k, double seconds);

#endif
