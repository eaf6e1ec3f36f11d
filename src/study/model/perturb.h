/* Perturbations: changes to the inputs of a trained model, each at several levels: noise, shifts,
 * rotation, blur, permuted pixels.
 *
 * Inputs are those of a dataset, scaled: bytes are in [0, 1]. Random numbers of a sample are a
 * function of the seed, the number of the level, and the sample's number. All functions are local.
 */
#ifndef LS_STUDY_MODEL_PERTURB_H
#define LS_STUDY_MODEL_PERTURB_H

#include "base/memory.h"
#include "lockstep/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LS_MOST_LEVELS = 1000 };

struct ls_perturber;

typedef struct ls_perturbation_type {
  const char *name;
  const char *level, *units; /* what its level is */
  double least, most;        /* valid levels */
  void (*change)(const struct ls_perturber *p, uint32_t id, ls_real *x);
  int (*prepare)(struct ls_perturber *p); /* of what moves pixels: sets `source`; else NULL */
  bool integers;                          /* levels are integers */
  bool images;       /* takes images only: [height, width] or [height, width, channel] */
  int rows, columns; /* direction of a shift, down and to the right */
  bool wraps;        /* of a shift: pixels that leave the image enter on the other side */
} ls_perturbation_type;

/* A perturbation at the levels asked for. */
typedef struct ls_perturbation {
  const ls_perturbation_type *type;
  size_t count;
  double levels[LS_MOST_LEVELS]; /* [count] */
} ls_perturbation;

/* Reads "NAME=LEVELS", levels being a list 0,0.2,0.5 or a range 0:1:0.1 with its ends. LS_INVALID
 * naming the option. */
int ls_perturbation_read(ls_perturbation *out, const char *option, const char *text);

/* LS_INVALID if the perturbation takes images and the shape is none. */
int ls_perturbation_check(const ls_perturbation *perturbation, const ls_shape *shape);

/* One level of a perturbation, for inputs of one shape. */
typedef struct ls_perturber {
  const ls_perturbation_type *type;
  double level;
  uint32_t number; /* of the level */
  uint64_t seed;
  size_t height, width, channels, size; /* size = height * width * channels */
  ls_memory memory;                     /* of these: */
  ls_real *work;                        /* [size] */
  uint32_t *source;                     /* [height * width], of each pixel; UINT32_MAX: it is 0 */
} ls_perturber;

/* LS_INVALID as ls_perturbation_check. */
int ls_perturber_create(ls_perturber *out, const ls_perturbation *perturbation, size_t number,
                        const ls_shape *shape, uint64_t seed);
void ls_perturber_destroy(ls_perturber *perturber);

/* Changes inputs [n, ...] in place; ids [n] are the samples' numbers. */
void ls_perturb(const ls_perturber *p, size_t n, const uint32_t *ids, ls_real *x);

#endif
