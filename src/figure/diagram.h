/* Diagrams of models, drawn by graphviz's program dot: a box for each layer with its type, shape
 * and parameters; heads branch from the common layers; frozen layers are grey. Several models stand
 * side by side, each in a frame with its trial. Local. */
#ifndef LS_FIGURE_DIAGRAM_H
#define LS_FIGURE_DIAGRAM_H

#include "base/layer_table.h"
#include "base/text.h"

/* The diagram as an SVG file with the title `title`, a string to be freed. LS_FAILED if dot is
 * missing or fails. */
int ls_diagram_svg(char **svg, const ls_layer_table *models, size_t count, const char *title);

/* LS_INVALID unless a path ends in .svg, .png, .pdf, .dot or .gv. */
int ls_diagram_check_path(const char *path);

/* Writes the diagram to a file, in the format of its extension; .dot and .gv need no program. */
int ls_diagram_write(const char *path, const ls_layer_table *models, size_t count);

#endif
