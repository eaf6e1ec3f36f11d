/* Choosing the kernels of matrix products. */
#include "nn/products/kernels.h"

#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

static const ls_kernels *const kernels[] = {
#if defined(__x86_64__)
    &ls_kernels_x86_64_v4,
#endif
    &ls_kernels_of_build,
};

enum { KERNELS = sizeof kernels / sizeof *kernels };

/* The first supported kernels of that name; NULL: of any. */
static const ls_kernels *find(const char *name) {
  for (size_t i = 0; i < KERNELS; i++) {
    bool named = !name || strcmp(kernels[i]->name, name) == 0;
    if (named && kernels[i]->supported()) return kernels[i];
  }
  return NULL;
}

const ls_kernels *ls_kernels_default(void) {
  const ls_kernels *named = find(getenv("LOCKSTEP_ISA"));
  return named ? named : find(NULL);
}

const ls_kernels *ls_kernels_bfloat16(void) {
#ifdef LS_DOUBLE
  return NULL;
#else
#if defined(__x86_64__)
  if (ls_kernels_x86_64_bf16.supported()) return &ls_kernels_x86_64_bf16;
#endif
  return &ls_kernels_bfloat16_of_build;
#endif
}

int ls_kernels_check(void) {
  const char *name = getenv("LOCKSTEP_ISA");
  if (!find(NULL)) {
    return ls_fail(LS_FAILED,
                   "this processor lacks the instruction set %s, for which the program is built "
                   "(build it with -DLS_ISA=native)",
                   ls_kernels_of_build.name);
  }
  if (!name || find(name)) return LS_OK;
  for (size_t i = 0; i < KERNELS; i++) {
    if (strcmp(kernels[i]->name, name) != 0) continue;
    return ls_fail(LS_INVALID, "LOCKSTEP_ISA: this processor lacks the instruction set %s", name);
  }
  return ls_fail(
      LS_INVALID, "LOCKSTEP_ISA: '%s' is no instruction set of this build (expected %s%s%s)", name,
      kernels[0]->name, KERNELS > 1 ? " or " : "", KERNELS > 1 ? kernels[KERNELS - 1]->name : "");
}

void ls_multiply_shards(const ls_kernels *by, ls_product p, const ls_shards *shards,
                        const ls_real *a, const ls_real *b, ls_real *c) {
  if (by->multiply_shards && shards->count > 1) {
    const ls_row_range all = {0, p.m};
    by->multiply_shards(&p, shards, &(ls_rows){&all, 1}, a, b, c);
    return;
  }
  for (size_t k = 0; k < shards->sums; k++) {
    size_t first, end;
    ls_shards_samples(shards, k, &first, &end);
    p.k = end - first;
    by->multiply(&p, a + first * p.m, b + first * p.n, c + k * shards->stride);
  }
}
