/* From a tree to YAML text. Strings are written without quotes only where every YAML reader agrees
 * on them. */
#include "job/tree.h"

#include "base/visible.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH = 100 }; /* of a line; a single value may be longer */

/* Whether any YAML reader takes the text, written without quotes, for one scalar of that text. */
static bool is_plain(const char *text) {
  static const char inner[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+$()=^~* -";
  size_t length = strlen(text);
  const char *first = text[0] == '-' ? text + 1 : text;
  if (*first == '\0' || strchr("()=^~* -", *first)) return false;
  return strspn(text, inner) == length && text[length - 1] != ' ';
}

/* Decodes the character at `text`, which is valid UTF-8; returns its length in bytes. */
static size_t decode(const char *text, unsigned *code) {
  unsigned char lead = (unsigned char)text[0];
  size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  *code = length == 1 ? lead : lead & (0x7fu >> length);
  for (size_t i = 1; i < length; i++) *code = *code << 6 | ((unsigned char)text[i] & 0x3fu);
  return length;
}

/* What no terminal should get, and what else YAML forbids in a quoted text. */
static bool needs_escape(const char *text, unsigned code) {
  char shown[LS_VISIBLE];
  const char *next = ls_visible_next(shown, text);
  return strncmp(shown, text, (size_t)(next - text)) != 0 || code == 0xfffe || code == 0xffff;
}

static void add_quoted(ls_text *out, const char *text) {
  ls_text_add(out, "\"");
  while (*text) {
    unsigned code;
    size_t length = decode(text, &code);
    if (code == '\n') {
      ls_text_add(out, "\\n");
    } else if (needs_escape(text, code)) {
      ls_text_add(out, "\\u%04x", code);
    } else {
      if (code == '"' || code == '\\') ls_text_add(out, "\\");
      ls_text_add_bytes(out, text, length);
    }
    text += length;
  }
  ls_text_add(out, "\"");
}

static void add_text(ls_text *out, const char *text, bool quoted) {
  if (!quoted && is_plain(text)) {
    ls_text_add(out, "%s", text);
  } else {
    add_quoted(out, text);
  }
}

void ls_tree_add_flow(ls_text *out, const ls_node *node) {
  if (ls_node_is_null(node)) {
    ls_text_add(out, "null");
    return;
  }
  if (node->kind == LS_NODE_SCALAR) {
    add_text(out, node->text, node->quoted);
    return;
  }
  bool mapping = node->kind == LS_NODE_MAPPING;
  ls_text_add(out, mapping ? "{" : "[");
  for (const ls_node *child = node->first; child; child = child->next) {
    if (child != node->first) ls_text_add(out, ", ");
    if (mapping) {
      add_text(out, child->key, false);
      ls_text_add(out, ": ");
    }
    ls_tree_add_flow(out, child);
  }
  ls_text_add(out, mapping ? "}" : "]");
}

void ls_tree_add_label(ls_text *out, const ls_node *value) {
  if (value->kind == LS_NODE_SCALAR && !ls_node_is_null(value)) {
    ls_text_add(out, "%s", ls_node_text(value));
  } else {
    ls_tree_add_flow(out, value);
  }
}

/* Adds the node to the current line, of which `used` columns are taken, if it fits there. */
static bool add_if_short(ls_text *out, const ls_node *node, size_t used) {
  ls_text flow = {0};
  ls_tree_add_flow(&flow, node);
  out->failed |= flow.failed;
  bool fits = !flow.failed && (node->count == 0 || used + flow.length <= WIDTH);
  if (fits) ls_text_add(out, " %s\n", flow.data);
  ls_text_free(&flow);
  return fits;
}

static bool has_numbers(const ls_node *list) {
  double number = 0;
  const ls_node *item = list->kind == LS_NODE_LIST ? list->first : NULL;
  while (item && (ls_node_is_null(item) || ls_node_number(item, &number))) item = item->next;
  return list->kind == LS_NODE_LIST && !item;
}

/* Adds the children of a list or mapping; the current line is at column `indent` already. */
static void add_children(ls_text *out, const ls_node *node, size_t indent) {
  for (const ls_node *child = node->first; child; child = child->next) {
    if (child != node->first) ls_text_add(out, "%*s", (int)indent, "");
    size_t before = out->length;
    if (child->key) {
      add_text(out, child->key, false);
      ls_text_add(out, ":");
    } else {
      ls_text_add(out, "-");
    }
    bool is_component = !child->key && child->kind == LS_NODE_MAPPING; /* `- dense: {...}` */
    bool may_be_short = child->count == 0 || has_numbers(child) || (indent > 0 && !is_component);
    if (may_be_short && add_if_short(out, child, indent + out->length - before + 1)) continue;
    if (child->key) {
      ls_text_add(out, "\n%*s", (int)indent + 2, "");
    } else {
      ls_text_add(out, " ");
    }
    add_children(out, child, indent + 2);
  }
}

void ls_tree_add_block(ls_text *out, const ls_node *root) {
  add_children(out, root, 0);
}
