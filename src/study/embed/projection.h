/* Projections of samples to two dimensions, and how well classes are separated in them.
 *
 * Samples are x [sample, feature], finite. Affinities and t-SNE partition the work over the ranks
 * of `peers`, all of which have the samples; results have the same bits on all ranks and for any
 * number of them. Other functions are local. Arrays are borrowed, and their memory is the caller's.
 */
#ifndef LS_STUDY_EMBED_PROJECTION_H
#define LS_STUDY_EMBED_PROJECTION_H

#include "base/peers.h"
#include "lockstep/types.h"

#include <stddef.h>
#include <stdint.h>

typedef struct ls_embed_input {
  size_t samples, features;
  const ls_real *x;
} ls_embed_input;

/* ---- Projections ---- */

/* Scores [sample, component] on the principal components of the samples, largest variance first;
 * `fractions` [component] is each one's fraction of the total variance, NaN where there is no
 * variance. LS_INVALID if there are fewer than 2 samples, or fewer samples or features than
 * components, or more than 4096 of both. Local: the bits may differ between processors. */
int ls_embed_pca(const ls_embed_input *input, size_t components, double *scores, double *fractions);

/* The affinities of rows first .. first + count - 1: p [row, stride], each of which is
 * (p(j|i) + p(i|j)) / 2n, or 2^-52 if that is less; 0 on the diagonal and beyond n. */
typedef struct ls_affinities {
  size_t samples, stride;
  size_t first, count;
  float *p;
} ls_affinities;

/* Collective: makes this rank's rows, each of the given perplexity (to 1e-5 in the logarithm). It
 * takes 4 bytes times the square of the samples, over all ranks. LS_INVALID unless
 * 1 < perplexity < samples. Free `p` after a success. */
int ls_affinities_create(const ls_peers *peers, const ls_embed_input *input, double perplexity,
                         ls_affinities *out);

typedef struct ls_tsne_options {
  double perplexity;
  size_t iterations; /* of which the first 250 exaggerate affinities, at most */
} ls_tsne_options;

/* Collective: moves positions y [sample, 2] from initial ones to those of t-SNE. `kl` is
 * the Kullback-Leibler divergence of the affinities of positions from those of samples. */
int ls_tsne(const ls_peers *peers, const ls_embed_input *input, const ls_tsne_options *options,
            double *y, double *kl);

/* Initial positions of t-SNE: y scaled such that the first coordinate's standard deviation is 1e-4
 * (unchanged if that is 0); or independent normal numbers with that deviation. */
void ls_tsne_scale(size_t samples, double *y);
int ls_tsne_scatter(size_t samples, uint64_t seed, double *y);

/* ---- Separation of classes in two dimensions ---- */

/* The mean fraction of a point's k nearest neighbours that are of its class; NaN unless
 * 1 <= k < samples. Of two at the same distance the one with the lower number is nearer. */
double ls_neighbouring_hit(size_t samples, const double *y, const int32_t *labels, size_t k);

/* The mean silhouette (Rousseeuw 1987), 0 for a point that is alone in its class; NaN if there is
 * only one class, or as many as points. `classes` is above all labels. */
double ls_silhouette(size_t samples, const double *y, const int32_t *labels, size_t classes);

/* The convex hull's vertices, counterclockwise from the lowest angle about their mean, in
 * `vertices` [at most samples, 2]; none if the points are fewer than 3 or on a line. */
int ls_convex_hull(size_t samples, const double *y, double *vertices, size_t *count);

/* The ellipse that contains 95 % of the normal distribution with the points' mean and covariance.
 */
typedef struct ls_ellipse {
  double center[2];
  double half_axes[2]; /* the longer one first */
  double angle;        /* radians from the first coordinate to the longer axis, counterclockwise */
  double area;
} ls_ellipse;

/* All NaN for fewer than 3 points. */
ls_ellipse ls_ellipse_fit(size_t samples, const double *y);

enum { LS_ELLIPSE_POINTS = 256 };

/* The ellipse as a polygon [LS_ELLIPSE_POINTS, 2], counterclockwise, of the same area. */
void ls_ellipse_polygon(const ls_ellipse *ellipse, double *points);

/* The area of a simple polygon [point, 2], counterclockwise; NaN for fewer than 3 points. */
double ls_polygon_area(size_t count, const double *points);

/* The area of the intersection of two convex polygons, both counterclockwise; NaN if either has
 * fewer than 3 points, or one that is not finite. LS_FAILED without memory. */
int ls_polygon_overlap(size_t count_a, const double *a, size_t count_b, const double *b,
                       double *area);

#endif
