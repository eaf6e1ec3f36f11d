/* The Sobol sequence, scrambled: points that fill the unit cube more evenly than random ones.
 *
 * Sobol, USSR Comput. Math. Math. Phys. 7 (1967), with the direction numbers of Joe and Kuo, SIAM
 * J. Sci. Comput. 30 (2008), in the order of Antonov and Saleev (Gray code). Scrambling: Owen's
 * nested uniform scrambling (Monte Carlo and Quasi-Monte Carlo Methods 1994) by the hash of Burley,
 * Journal of Computer Graphics Techniques 9 (2020). Local. */
#ifndef LS_JOB_SOBOL_H
#define LS_JOB_SOBOL_H

#include <stddef.h>
#include <stdint.h>

/* The most dimensions. */
enum { LS_SOBOL_DIMENSIONS = 32 };

/* Coordinate `dimension` of point `index` of the sequence, as a fraction of 2^32. */
uint32_t ls_sobol(uint32_t index, size_t dimension);

/* Scrambles the coordinate of a point; each dimension has a seed of its own. Any 2^m consecutive
 * points, from a multiple of 2^m on, still have one coordinate in each interval of length 2^-m. */
uint32_t ls_sobol_scramble(uint32_t coordinate, uint32_t seed);

#endif
