/* The pen movements of the ten digits. */
#include "prepare/glyphs.h"

enum { CORNER = LS_PEN_CORNER, LIFT = LS_PEN_LIFT };

const int8_t ls_glyphs[10][LS_GLYPH_STYLES][LS_GLYPH_LENGTH] = {
    /* 0: round */
    {
        {55, 2, 20, 14, 5, 50, 18, 86, 50, 99, 83, 85, 95, 50, 82, 13, 50, 2},
    },
    /* 1: a bare line; with a flag; with a flag and a foot */
    {
        {52, 1, 48, 100},
        {30, 25, 55, 1, CORNER, 52, 100},
        {25, 27, 53, 1, CORNER, 53, 99, LIFT, 20, 100, 83, 99},
    },
    /* 2: with a sharp turn at the bottom; with a loop */
    {
        {10, 26, 30, 5, 65, 2, 87, 25, 68, 57, 35, 80, 6, 98, CORNER, 95, 95},
        {12, 20, 40, 2, 78, 12, 76, 45, 42, 82, 14, 95, 10, 80, 32, 78, 62, 96, 95, 88},
    },
    /* 3: round; with a flat top */
    {
        {12, 16, 45, 1, 80, 20, 62, 43, 35, 48, CORNER, 70, 53, 90, 73, 58, 98, 8, 87},
        {10, 3, 85, 3, CORNER, 40, 41, CORNER, 78, 50, 88, 75, 55, 99, 8, 88},
    },
    /* 4: open; closed */
    {
        {20, 2, 10, 58, CORNER, 93, 55, LIFT, 75, 20, 70, 100},
        {68, 100, 68, 1, CORNER, 5, 66, CORNER, 97, 66},
    },
    /* 5: with corners; with a curved back and a loose top */
    {
        {86, 3, 25, 3, CORNER, 18, 45, CORNER, 55, 37, 88, 65, 58, 97, 8, 90},
        {30, 5, 20, 47, CORNER, 60, 42, 85, 72, 50, 99, 10, 87, LIFT, 32, 7, 90, 2},
    },
    /* 6: with a bent back; with a straight one */
    {
        {75, 3, 35, 25, 10, 65, 30, 97, 75, 92, 84, 65, 50, 50, 15, 70},
        {60, 1, 12, 68, 28, 96, 70, 95, 85, 72, 60, 55, 14, 75},
    },
    /* 7: bare; with a bar; with a bent stem */
    {
        {8, 5, 92, 4, CORNER, 40, 100},
        {8, 6, 90, 4, CORNER, 40, 100, LIFT, 30, 52, 85, 50},
        {10, 18, 12, 4, CORNER, 92, 6, CORNER, 62, 45, 48, 100},
    },
    /* 8: in one movement; as two rings */
    {
        {82, 14, 50, 1, 20, 20, 48, 47, 85, 76, 50, 99, 15, 77, 50, 48, 78, 26, 78, 10},
        {50, 47, 23, 24, 50, 1, 78, 23, 50, 47, CORNER, 15, 74, 50, 99, 86, 74, 50, 47},
    },
    /* 9: with a straight stem; with a curved tail */
    {
        {85, 20, 50, 2, 14, 26, 40, 50, 78, 38, 85, 10, CORNER, 75, 100},
        {85, 18, 48, 2, 15, 25, 42, 48, 82, 28, 84, 66, 60, 97, 15, 92},
    },
};
