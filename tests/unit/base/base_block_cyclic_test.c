/* Block-cyclic partition: every element in the part of one rank; packed parts. */
#include "unit.h"

#include "base/block_cyclic.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 40 };

/* The elements of rank `rank`, counted off one by one. */
static size_t list_elements(size_t rank, size_t ranks, size_t width, size_t end, size_t *elements) {
  size_t count = 0;
  for (size_t i = 0; i < end; i++) {
    if (i / width % ranks == rank) elements[count++] = i;
  }
  return count;
}

static void check_part(const ls_block_cyclic *s, const size_t *elements, size_t count) {
  ls_real whole[MOST], packed[MOST], back[MOST];
  size_t k = 0, seen = 0, begin, n;
  assert_int_equal(ls_block_cyclic_count(s), count);
  for (; (n = ls_block_cyclic_block(s, k, &begin)) > 0; k++) {
    for (size_t i = 0; i < n; i++) assert_int_equal(elements[seen++], begin + i);
  }
  assert_int_equal(seen, count);
  assert_int_equal(ls_block_cyclic_block(s, k + 1, &begin), 0);
  seen = 0;
  for (size_t i = 0; i < MOST; i++) {
    bool has = seen < count && elements[seen] == i;
    assert_int_equal(ls_block_cyclic_has(s, i), has);
    if (has) assert_int_equal(ls_block_cyclic_index(s, i), seen++);
    whole[i] = (ls_real)i;
    packed[i] = back[i] = -1;
  }
  ls_block_cyclic_pack(s, whole, packed);
  ls_block_cyclic_unpack(s, packed, back);
  for (size_t i = 0; i < MOST; i++) {
    assert_true(i < count ? packed[i] == (ls_real)elements[i] : packed[i] == -1);
    assert_true(back[i] == (ls_block_cyclic_has(s, i) ? whole[i] : -1));
  }
}

static void partitioned(void **state) {
  (void)state;
  size_t elements[MOST];
  for (size_t end = 0; end <= MOST; end++) {
    for (size_t ranks = 1; ranks <= 5; ranks++) {
      for (size_t width = 1; width <= 9; width++) {
        for (size_t rank = 0; rank < ranks; rank++) {
          const ls_block_cyclic part = {rank * width, width, ranks * width, end};
          check_part(&part, elements, list_elements(rank, ranks, width, end, elements));
        }
      }
    }
    const ls_block_cyclic all = ls_block_cyclic_all(end);
    check_part(&all, elements, list_elements(0, 1, 1, end, elements));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(partitioned)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
