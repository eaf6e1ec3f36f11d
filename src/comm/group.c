/* Groups of ranks and agreement among them. */
#include "comm/group.h"

#include "base/activity.h"
#include "base/memory.h"
#include "lockstep/error.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ls_mpi_check(int code, const char *doing) {
  if (code == MPI_SUCCESS) return LS_OK;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  return ls_fail(LS_FAILED, "%s: %s", doing, text);
}

/* All communicators get on in any MPI call. */
void ls_mpi_serve(void) {
  int any = 0;
  MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_SELF, &any, MPI_STATUS_IGNORE);
}

/* Collective: whether every rank's node has as many, and the rank is where it would then be. */
static int find_node_ranks(ls_group *group) {
  ls_group node;
  int status = ls_group_create_node(&node, group->comm);
  if (status != LS_OK) return status;
  /* The least of each, or of its negative, over all ranks. */
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

int ls_group_create_node(ls_group *group, MPI_Comm parent) {
  *group = (ls_group){MPI_COMM_NULL, 0, 0, 0};
  int status = ls_mpi_check(
      MPI_Comm_split_type(parent, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &group->comm),
      "MPI_Comm_split_type");
  if (status != LS_OK) return status;
  MPI_Comm_set_errhandler(group->comm, MPI_ERRORS_RETURN);
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

int ls_group_share_text(const ls_group *group, char **text) {
  long long length = group->rank == 0 && *text ? (long long)strlen(*text) : -1;
  ls_activity_enter_collective();
  int status = ls_mpi_check(MPI_Bcast(&length, 1, MPI_LONG_LONG, 0, group->comm), "sharing a text");
  ls_activity_leave();
  if (status != LS_OK) return status;
  if (length >= INT_MAX) return ls_fail(LS_INVALID, "a text of %lld bytes is too long", length);
  if (group->rank != 0) *text = length < 0 ? NULL : ls_new((size_t)length + 1, 1);
  status = ls_group_agree(group, length >= 0 && !*text ? LS_FAILED : LS_OK);
  if (status != LS_OK || length < 0) return status;
  return ls_mpi_check(MPI_Bcast(*text, (int)length, MPI_CHAR, 0, group->comm), "sharing a text");
}

int ls_group_sum(const ls_group *group, double *values, size_t count) {
  for (size_t done = 0; done < count;) {
    int n = count - done < INT_MAX / 16 ? (int)(count - done) : INT_MAX / 16;
    ls_activity_enter_collective();
    int status = ls_mpi_check(
        MPI_Allreduce(MPI_IN_PLACE, values + done, n, MPI_DOUBLE, MPI_SUM, group->comm),
        "summing over ranks");
    ls_activity_leave();
    if (status != LS_OK) return status;
    done += (size_t)n;
  }
  return LS_OK;
}
