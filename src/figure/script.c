/* The pieces of scripts: the canvas, frames, labels, texts and numbers. */
#include "figure/gnuplot.h"

#include <math.h>

void ls_figure_begin(ls_figure_script *script, int width, int height) {
  script->width = width;
  script->height = height;
  ls_text_add(&script->text, "set encoding utf8\n"
                             "set border 3 lc '#444444'\n"
                             "set tics nomirror out scale 0.6 textcolor '#222222'\n"
                             "set xtics offset 0,0.3\n"
                             "set grid y lc '#dddddd' lt 1 lw 0.7\n"
                             "unset key\n"
                             "set samples 2\n"
                             "set multiplot\n");
}

void ls_figure_margins(ls_figure_script *script, ls_figure_box frame) {
  double w = script->width, h = script->height;
  ls_text_add(&script->text, "set lmargin at screen %.5f\nset rmargin at screen %.5f\n",
              frame.left / w, (frame.left + frame.width) / w);
  ls_text_add(&script->text, "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
              1 - frame.top / h, 1 - (frame.top + frame.height) / h);
}

void ls_figure_label(ls_figure_script *script, int tag, const char *text, double x, double y,
                     const char *how) {
  ls_text_add(&script->text, "set label %d ", tag);
  ls_figure_add_quoted(&script->text, text);
  ls_text_add(&script->text, " at screen %.5f,%.5f %s noenhanced\n", x / script->width,
              1 - y / script->height, how);
}

/* Between single quotes gnuplot substitutes nothing; a line break would end the command. */
void ls_figure_add_quoted(ls_text *script, const char *text) {
  ls_text_add(script, "'");
  for (; *text; text++) {
    if (*text == '\'') ls_text_add(script, "'");
    ls_text_add_bytes(script, (unsigned char)*text < ' ' ? " " : text, 1);
  }
  ls_text_add(script, "'");
}

void ls_figure_add_number(ls_text *script, double value) {
  if (isfinite(value)) {
    ls_text_add(script, " %.9g", value);
  } else {
    ls_text_add(script, " NaN");
  }
}

double ls_figure_tic_step(double range) {
  double power = pow(10, floor(log10(range / 3)));
  double share = range / 3 / power;
  return power * (share >= 5 ? 5 : share >= 2 ? 2 : 1);
}
