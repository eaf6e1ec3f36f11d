/* Adding a tree, node by node, to the state of the hash. */
#include "job/tree_digest.h"

#include "lockstep/error.h"

#include <string.h>
#include <xxhash.h>

/* Each piece begins with its kind and length, so that different trees have different bytes. */
static void add(XXH3_state_t *state, char kind, const void *bytes, size_t length) {
  const uint64_t size = length;
  XXH3_128bits_update(state, &kind, sizeof kind);
  XXH3_128bits_update(state, &size, sizeof size);
  XXH3_128bits_update(state, bytes, length);
}

static void add_scalar(XXH3_state_t *state, const ls_node *scalar) {
  double number;
  if (ls_node_number(scalar, &number)) {
    number += 0.0; /* no negative zero */
    add(state, 'n', &number, sizeof number);
  } else {
    add(state, ls_node_is_text(scalar) ? 't' : 'w', scalar->text, strlen(scalar->text));
  }
}

static void add_tree(XXH3_state_t *state, const ls_node *node, bool varying) {
  if (varying && node->settled) return;
  if (node->kind == LS_NODE_SCALAR) {
    add_scalar(state, node);
    return;
  }
  const uint64_t count = node->count;
  add(state, node->kind == LS_NODE_LIST ? 'l' : 'm', &count, sizeof count);
  for (const ls_node *child = node->first; child; child = child->next) {
    if (child->key) add(state, 'k', child->key, strlen(child->key));
    add_tree(state, child, varying);
  }
}

static int digest(ls_digest128 *out, const ls_node *root, bool varying) {
  XXH3_state_t *state = XXH3_createState();
  if (!state) return ls_fail(LS_FAILED, "out of memory");
  XXH3_128bits_reset(state);
  add_tree(state, root, varying);
  const XXH128_hash_t hash = XXH3_128bits_digest(state);
  XXH3_freeState(state);
  *out = (ls_digest128){hash.low64, hash.high64};
  return LS_OK;
}

int ls_tree_digest(ls_digest128 *out, const ls_node *root) {
  return digest(out, root, false);
}

int ls_tree_digest_varying(ls_digest128 *out, const ls_node *root) {
  return digest(out, root, true);
}

int ls_digest_compare(ls_digest128 a, ls_digest128 b) {
  if (a.low != b.low) return a.low < b.low ? -1 : 1;
  return (a.high > b.high) - (a.high < b.high);
}
