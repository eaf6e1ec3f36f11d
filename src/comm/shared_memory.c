/* Memory that the ranks of a node share: a window of the first rank, which begins with the barrier.
 */
#include "comm/shared_memory.h"

#include "base/activity.h"
#include "base/memory.h"
#include "comm/barrier.h"
#include "comm/window.h"
#include "lockstep/error.h"

#include <stdlib.h>

struct ls_shared_memory {
  ls_group node;
  window *window;
  shared_barrier *barrier;
};

static int create(ls_shared_memory *m, const ls_group *group, size_t bytes) {
  int status = ls_group_create(&m->node, group->comm, group->rank / group->node_ranks);
  if (status != LS_OK) return status;
  const size_t all = sizeof *m->barrier + bytes;
  status = window_create(&m->window, &m->node, m->node.rank == 0 ? all : 0);
  if (status == LS_OK) m->barrier = (shared_barrier *)(void *)window_find(m->window, 0);
  return status;
}

int ls_shared_memory_create(ls_shared_memory **out, const ls_group *group, size_t bytes) {
  ls_shared_memory *m = *out = ls_new(1, sizeof *m);
  int status = ls_group_agree(group, m ? LS_OK : LS_FAILED);
  if (status == LS_OK) status = ls_group_agree(group, create(m, group, bytes));
  if (status != LS_OK) ls_shared_memory_free(out);
  return status;
}

void *ls_shared_memory_data(const ls_shared_memory *m) {
  return m->barrier + 1;
}

void ls_shared_memory_wait(ls_shared_memory *m) {
  ls_activity_enter_collective();
  barrier_wait(m->barrier, (uint32_t)m->node.size, 0, barrier_relax_serving);
  ls_activity_leave();
}

void ls_shared_memory_free(ls_shared_memory **memory) {
  ls_shared_memory *m = *memory;
  if (!m) return;
  window_free(&m->window);
  if (m->node.size > 0) ls_group_free(&m->node);
  free(m);
  *memory = NULL;
}
