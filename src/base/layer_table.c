/* The texts of a row of the table of layers. */
#include "base/layer_table.h"

const ls_layer_text ls_layer_texts[LS_LAYER_TEXTS] = {
    {"layer", offsetof(ls_layer_row, name)},
    {"type", offsetof(ls_layer_row, type)},
    {"activation", offsetof(ls_layer_row, activation)},
    {"head", offsetof(ls_layer_row, head)},
    {"output", offsetof(ls_layer_row, output)},
};
