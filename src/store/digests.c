/* Lists of digest data. In files each array is one line: count, digest, member and source,
 * separated by tabs. */
#include "store/digests.h"

#include "base/text.h"
#include "lockstep/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for one more: the memory is doubled when the count reaches a power of two. */
static int reserve(ls_digests *digests) {
  size_t count = digests->count;
  if (count & (count - 1)) return LS_OK;
  ls_digest *items = ls_memory_new(&digests->memory, count > 0 ? 2 * count : 1, sizeof *items);
  if (!items) return LS_FAILED;
  if (count > 0) memcpy(items, digests->items, count * sizeof *items);
  digests->items = items;
  return LS_OK;
}

int ls_digests_add(ls_digests *digests, const ls_digest *digest) {
  if (reserve(digests) != LS_OK) return LS_FAILED;
  ls_digest *added = &digests->items[digests->count++];
  *added = *digest;
  added->source = ls_memory_text(&digests->memory, "%s", digest->source);
  added->member = ls_memory_text(&digests->memory, "%s", digest->member);
  return ls_memory_status(&digests->memory);
}

void ls_digests_free(ls_digests *digests) {
  ls_memory_free(&digests->memory);
  *digests = (ls_digests){0};
}

const ls_digest *ls_digests_find(const ls_digests *digests, const char *source,
                                 const char *member) {
  for (size_t i = 0; i < digests->count; i++) {
    const ls_digest *digest = &digests->items[i];
    if (strcmp(digest->source, source) == 0 && strcmp(digest->member, member) == 0) return digest;
  }
  return NULL;
}

/* ---- As lines -------------------------------------------------------------------------------- */

static char *format_line(ls_memory *memory, const ls_digest *digest) {
  return ls_memory_text(memory, "%" PRIu64 "\t%016" PRIx64 "\t%s\t%s", digest->count, digest->hash,
                        digest->member, digest->source);
}

/* LS_INVALID if the line is none of format_line's. */
static int add_line(ls_digests *digests, const char *line) {
  ls_digest digest = {0};
  int member = 0;
  sscanf(line, "%" SCNu64 "\t%" SCNx64 "\t%n", &digest.count, &digest.hash, &member);
  const char *tab = member > 0 ? strchr(line + member, '\t') : NULL;
  if (!tab) return ls_fail(LS_INVALID, "attribute digests: '%s' names no data", line);
  digest.source = tab + 1;
  digest.member =
      ls_memory_text(&digests->memory, "%.*s", (int)(tab - line) - member, line + member);
  return digest.member ? ls_digests_add(digests, &digest) : LS_FAILED;
}

int ls_digests_broadcast(ls_digests *digests, const ls_group *group) {
  char *text = NULL;
  int status = LS_OK;
  if (group->rank == 0) {
    ls_text lines = {0};
    ls_memory memory = {0};
    for (size_t i = 0; i < digests->count; i++) {
      const char *line = format_line(&memory, &digests->items[i]);
      ls_text_add(&lines, "%s\n", line ? line : "");
    }
    text = ls_text_take(&lines);
    status = text ? ls_memory_status(&memory) : LS_FAILED;
    ls_memory_free(&memory);
  }
  status = ls_group_agree(group, status);
  if (status == LS_OK) status = ls_group_broadcast_text(group, &text);
  char *rest = text;
  for (char *line; status == LS_OK && group->rank > 0 && (line = strsep(&rest, "\n")) && *line;) {
    status = add_line(digests, line);
  }
  free(text);
  return ls_group_agree(group, status);
}

int ls_digests_write(hid_t file, const char *object, const ls_digests *digests) {
  ls_memory memory = {0};
  if (digests->count == 0) return LS_OK;
  const char **lines = ls_memory_new(&memory, digests->count, sizeof *lines);
  for (size_t i = 0; lines && i < digests->count; i++) {
    lines[i] = format_line(&memory, &digests->items[i]);
  }
  int status = ls_memory_status(&memory);
  if (status == LS_OK) status = ls_h5_set_texts(file, object, "digests", digests->count, lines);
  ls_memory_free(&memory);
  return status;
}

int ls_digests_read(ls_digests *digests, hid_t file, const char *object) {
  *digests = (ls_digests){0};
  char **lines = NULL;
  size_t count = 0;
  if (!ls_h5_has_attribute(file, object, "digests")) return LS_OK;
  int status = ls_h5_get_texts(file, object, "digests", &lines, &count);
  for (size_t i = 0; i < count; i++) {
    if (status == LS_OK) status = add_line(digests, lines[i]);
    free(lines[i]);
  }
  free(lines);
  if (status != LS_OK) ls_digests_free(digests);
  return status;
}

/* ---- Comparing ------------------------------------------------------------------------------- */

static void add_difference(ls_text *out, const ls_digest *past, const ls_digest *present) {
  ls_text_add(out, "%s%s: %s ", out->length > 0 ? "; " : "", present->source, present->member);
  if (!past) {
    ls_text_add(out, "is new since the job started");
  } else if (past->count != present->count) {
    ls_text_add(out, "has ");
    ls_text_add_count(out, present->count);
    ls_text_add(out, " entries, ");
    ls_text_add_count(out, past->count);
    ls_text_add(out, " when the job started");
  } else {
    ls_text_add(out, "differs");
  }
}

int ls_digests_differences(char **out, const ls_digests *past, const ls_digests *present) {
  ls_text text = {0};
  *out = NULL;
  for (size_t i = 0; past->count > 0 && i < present->count; i++) {
    const ls_digest *now = &present->items[i];
    const ls_digest *then = ls_digests_find(past, now->source, now->member);
    if (then && then->count == now->count && then->hash == now->hash) continue;
    add_difference(&text, then, now);
  }
  if (text.length == 0 && !text.failed) return LS_OK;
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}
