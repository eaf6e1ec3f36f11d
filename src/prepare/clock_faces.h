/* Generated images of analogue clocks, labelled with the time.
 *
 * Each image shows a dial with ticks, a wedge at 12, an hour hand that moves with the minutes and a
 * minute hand. Rotation, perspective, size, position, widths of hands, greys and noise are random.
 * Image i of a set is a function of (options, set, i) alone, so a smaller set is the beginning of a
 * larger one. Every 720 consecutive images show each time once, in random order. */
#ifndef LS_PREPARE_CLOCK_FACES_H
#define LS_PREPARE_CLOCK_FACES_H

#include "prepare/image_set.h"
#include "prepare/prepare.h"

enum {
  LS_CLOCK_FACES_HOURS = 12,
  LS_CLOCK_FACES_TIMES = 720,
  LS_CLOCK_FACES_TRAIN = 0,
  LS_CLOCK_FACES_TEST = 1
};

/* Draws `count` images, [sample, size, size, 1]; labels are the hour, 0 to 11, values the minute as
 * a fraction of the hour; `which` is LS_CLOCK_FACES_TRAIN or LS_CLOCK_FACES_TEST. Released with
 * ls_image_set_clear. LS_FAILED without memory. Local. */
int ls_clock_faces_draw(ls_image_set *set, const ls_clock_faces_options *options, uint32_t which,
                        size_t count);

#endif
