/* Groups of ranks and agreement among them. */
#include "comm/group.h"

#include "base/activity.h"
#include "base/memory.h"
#include "comm/check.h"
#include "comm/shared_file.h"
#include "lockstep/error.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int ls_mpi_check(int code, const char *doing) {
  if (code == MPI_SUCCESS) return LS_OK;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  return ls_fail(LS_FAILED, "%s: %s", doing, text);
}

/* Any MPI call progresses all communicators. */
void ls_mpi_serve(void) {
  int any = 0;
  MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_SELF, &any, MPI_STATUS_IGNORE);
}

/* Collective: sets node_ranks. */
static int find_node_ranks(ls_group *group) {
  ls_group node;
  int status = ls_group_create_node(&node, group->comm);
  if (status != LS_OK) return status;
  /* The smallest size, the negative of the largest, and whether all ranks are in their places. */
  int found[] = {node.size, -node.size, group->rank % node.size == node.rank};
  ls_group_free(&node);
  status = ls_mpi_check(MPI_Allreduce(MPI_IN_PLACE, found, 3, MPI_INT, MPI_MIN, group->comm),
                        "comparing nodes");
  group->node_ranks = found[0] == -found[1] && found[2] ? found[0] : 1;
  return status;
}

int ls_group_create(ls_group *group, MPI_Comm parent, int color) {
  *group = (ls_group){MPI_COMM_NULL, 0, 0, 0};
  int status = ls_mpi_check(
      MPI_Comm_split(parent, color < 0 ? MPI_UNDEFINED : color, 0, &group->comm), "MPI_Comm_split");
  if (status != LS_OK || group->comm == MPI_COMM_NULL) return status;
  MPI_Comm_set_errhandler(group->comm, MPI_ERRORS_RETURN);
  MPI_Comm_rank(group->comm, &group->rank);
  MPI_Comm_size(group->comm, &group->size);

  return find_node_ranks(group);
}

/* Collective: splits the ranks of a node, where they cannot share memory, into one group each. */
static int separate(MPI_Comm *comm) {
  MPI_Comm node = *comm;
  if (shared_file_possible(node)) return LS_OK;
  int status = ls_mpi_check(MPI_Comm_dup(MPI_COMM_SELF, comm), "MPI_Comm_dup");
  MPI_Comm_free(&node);
  if (status == LS_OK) MPI_Comm_set_errhandler(*comm, MPI_ERRORS_RETURN);
  return status;
}

int ls_group_create_node(ls_group *group, MPI_Comm parent) {
  *group = (ls_group){MPI_COMM_NULL, 0, 0, 0};
  int status = ls_mpi_check(
      MPI_Comm_split_type(parent, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &group->comm),
      "MPI_Comm_split_type");
  if (status != LS_OK) return status;
  MPI_Comm_set_errhandler(group->comm, MPI_ERRORS_RETURN);
  status = separate(&group->comm);
  if (status != LS_OK) return status;
  MPI_Comm_rank(group->comm, &group->rank);
  MPI_Comm_size(group->comm, &group->size);
  group->node_ranks = group->size;
  return LS_OK;
}

void ls_group_free(ls_group *group) {
  if (group->comm != MPI_COMM_NULL) MPI_Comm_free(&group->comm);
  *group = (ls_group){MPI_COMM_NULL, 0, 0, 0};
}

int ls_group_agree(const ls_group *group, int status) {
  int first = status == LS_OK ? INT_MAX : group->rank;
  ls_activity_enter_collective();
  int code = MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, group->comm);
  ls_activity_leave();
  if (code != MPI_SUCCESS) return ls_mpi_check(code, "agreeing on errors");
  if (first == INT_MAX) return LS_OK;
  struct {
    int status;
    char message[2048];
  } verdict = {status, ""};
  if (group->rank == first) {
    snprintf(verdict.message, sizeof verdict.message, "%s", ls_error_message());
  }
  code = MPI_Bcast(&verdict, sizeof verdict, MPI_BYTE, first, group->comm);
  if (code != MPI_SUCCESS) return ls_mpi_check(code, "agreeing on errors");
  return ls_fail(verdict.status, "%s", verdict.message);
}

/* ---- Collective calls, each agreed on -------------------------------------------------------- */

/* MPI counts in int: longer data goes in pieces of so many bytes. */
enum { PIECE = 1 << 30 };

static int piece_of(size_t left, size_t unit) {
  return (int)(left < PIECE / unit ? left : PIECE / unit);
}

/* Collective: ends a collective call that MPI answered with `code`. */
static int finish(const ls_group *group, int code, const char *call) {
  ls_activity_leave();
  return ls_group_agree(group, ls_mpi_check(code, call));
}

int ls_group_broadcast(const ls_group *group, void *data, size_t bytes, int root) {
  int code = MPI_SUCCESS;
  ls_activity_enter_collective();
  for (size_t done = 0; done < bytes && code == MPI_SUCCESS;) {
    int n = piece_of(bytes - done, 1);
    code = MPI_Bcast((char *)data + done, n, MPI_BYTE, root, group->comm);
    done += (size_t)n;
  }
  return finish(group, code, "MPI_Bcast");
}

int ls_group_broadcast_text(const ls_group *group, char **text) {
  long long length = group->rank == 0 && *text ? (long long)strlen(*text) : -1;
  int status = ls_group_broadcast(group, &length, sizeof length, 0);
  if (status != LS_OK) return status;
  if (group->rank != 0) *text = length < 0 ? NULL : ls_new((size_t)length + 1, 1);
  status = ls_group_agree(group, length >= 0 && !*text ? LS_FAILED : LS_OK);
  if (status != LS_OK || length < 0) return status;
  return ls_group_broadcast(group, *text, (size_t)length, 0);
}

int ls_group_allgather(const ls_group *group, const void *own, size_t bytes, void *all) {
  if (bytes > PIECE) return ls_fail(LS_FAILED, "%zu bytes of each rank are too many", bytes);
  ls_activity_enter_collective();
  int code = MPI_Allgather(own, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, group->comm);
  return finish(group, code, "MPI_Allgather");
}

/* Collective: replaces the values, `unit` bytes each, by their sums or maxima over ranks. Returns
 * MPI's code. */
static int allreduce(const ls_group *group, void *values, size_t count, size_t unit,
                     MPI_Datatype type, MPI_Op op) {
  int code = MPI_SUCCESS;
  for (size_t done = 0; done < count && code == MPI_SUCCESS;) {
    int n = piece_of(count - done, unit);
    code = MPI_Allreduce(MPI_IN_PLACE, (char *)values + done * unit, n, type, op, group->comm);
    done += (size_t)n;
  }
  return code;
}

static int reduce(const ls_group *group, void *values, size_t count, size_t unit, MPI_Datatype type,
                  MPI_Op op) {
  ls_activity_enter_collective();
  return finish(group, allreduce(group, values, count, unit, type, op), "MPI_Allreduce");
}

int ls_group_sum(const ls_group *group, double *values, size_t count) {
  return reduce(group, values, count, sizeof *values, MPI_DOUBLE, MPI_SUM);
}

int ls_group_allreduce(const ls_group *group, ls_real *values, size_t count) {
  MPI_Datatype type = sizeof *values == sizeof(double) ? MPI_DOUBLE : MPI_FLOAT;
  return ls_mpi_check(allreduce(group, values, count, sizeof *values, type, MPI_SUM),
                      "MPI_Allreduce");
}

int ls_group_allreduce_doubles(const ls_group *group, double *values, size_t count) {
  return ls_mpi_check(allreduce(group, values, count, sizeof *values, MPI_DOUBLE, MPI_SUM),
                      "MPI_Allreduce");
}

int ls_group_or(const ls_group *group, uint32_t *flags) {
  return ls_mpi_check(MPI_Allreduce(MPI_IN_PLACE, flags, 1, MPI_UINT32_T, MPI_BOR, group->comm),
                      "MPI_Allreduce");
}

int ls_group_max(const ls_group *group, double *values, size_t count) {
  return reduce(group, values, count, sizeof *values, MPI_DOUBLE, MPI_MAX);
}

int ls_group_max_int(const ls_group *group, int *values, size_t count) {
  return reduce(group, values, count, sizeof *values, MPI_INT, MPI_MAX);
}

/* The greatest of a number and of its complement are its own only where it is the same for all. */
int ls_group_same(const ls_group *group, uint64_t number, bool *same) {
  uint64_t greatest[2] = {number, ~number};
  int status = reduce(group, greatest, 2, sizeof *greatest, MPI_UINT64_T, MPI_MAX);
  *same = greatest[0] == ~greatest[1];
  return status;
}

/* Sleeps between looks, twice as long each time. */
int ls_group_wait(const ls_group *group, void (*idle)(void *context), void *context) {
  enum { SHORTEST = 500000, LONGEST = 32000000 };
  struct timespec pause = {0, SHORTEST};
  MPI_Request barrier = MPI_REQUEST_NULL;
  int done = 0, code = MPI_Ibarrier(group->comm, &barrier);
  while (code == MPI_SUCCESS && !done) {
    code = MPI_Test(&barrier, &done, MPI_STATUS_IGNORE);
    if (code != MPI_SUCCESS || done) break;
    if (idle) idle(context);
    nanosleep(&pause, NULL);
    if (pause.tv_nsec < LONGEST) pause.tv_nsec *= 2;
  }
  return ls_group_agree(group, ls_mpi_check(code, "MPI_Ibarrier"));
}

/* ---- What MPI reports of itself -------------------------------------------------------------- */

void ls_mpi_version(char version[LS_MPI_VERSION]) {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(text, &length);
  snprintf(version, LS_MPI_VERSION, "%.*s", (int)strcspn(text, ","), text);
}

void ls_mpi_host(char host[LS_MPI_HOST]) {
  char text[MPI_MAX_PROCESSOR_NAME] = "";
  int length = 0;
  MPI_Get_processor_name(text, &length);
  snprintf(host, LS_MPI_HOST, "%s", text);
}
