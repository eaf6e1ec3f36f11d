/* Generated images of analogue clocks, for telling the time.
 *
 * Each image shows a dial with ticks, a wedge at 12, an hour hand that moves with the minutes and a
 * minute hand, seen at random: turned, from a little aside, in different sizes, places, widths of
 * hands, greys, with noise. Image i of a set is a function of (options, set, i) alone, so a smaller
 * set is the beginning of a larger one; every 720 images in a row show each time once, in random
 * order. */
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
 * a share of the hour; `which` is LS_CLOCK_FACES_TRAIN or LS_CLOCK_FACES_TEST. Released with
 * ls_image_set_clear. Fails only for lack of memory. Local. */
int ls_clock_faces_draw(ls_image_set *set, const ls_clock_faces_options *options, uint32_t which,
                        size_t count);

#endif
