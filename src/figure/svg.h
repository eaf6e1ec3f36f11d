/* SVG files as elements of an HTML page. Local. */
#ifndef LS_FIGURE_SVG_H
#define LS_FIGURE_SVG_H

/* The <svg> element of an SVG file, for use in a page: named by `label`, its ids preceded by
 * `prefix` and a hyphen so that they differ from those of other figures. To be freed.
 *
 * The file may be anybody's. Only elements and attributes of static drawings are kept, references
 * only to parts of the same file, images only if the file holds them: no scripts, no handlers of
 * events, no styles, no links. LS_INVALID if it is no well-formed SVG. */
int ls_svg_inline(char **out, const char *svg, const char *prefix, const char *label);

#endif
