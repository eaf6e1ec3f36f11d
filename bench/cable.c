/* A network cable between a switch and a node, with a given bandwidth and delay: two TAP devices in
 * two network namespaces; frames that leave one arrive at the other. Linux's traffic control, tbf
 * and netem, splits TCP's large frames or lets them through at once, and many kernels lack netem.
 *
 * A frame may have up to 64 KiB, which network cards would segment and reassemble; at the switch
 * its segments would already be under way. So towards the node a frame is delayed by other frames
 * only: its own transmission time was spent on the cable to the switch.
 *
 * usage: cable MEGABITS MICROSECONDS SWITCH_DEVICE NAMESPACE NODE_DEVICE NAMESPACE
 *
 * Namespaces are files such as /proc/PID/ns/net; the devices are made there, for as long as this
 * runs. Prints "ready" when they are there. Needs root. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <math.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST = 66000, MOST_FRAMES = 512 }; /* of TCP the kernel hands out 64 KiB at a time */

typedef struct frame {
  ssize_t length;
  long due; /* nanoseconds, as all times */
  char bytes[LONGEST];
} frame;

/* One of the two ways through it. */
typedef struct way {
  int from, to;
  bool to_node;
  long delay;
  double per_byte;
  long free;              /* when all that has come in is on its way */
  frame *frames;          /* [MOST_FRAMES], a ring */
  unsigned first, behind; /* those that are on their way, counted since the beginning */
} way;

static void die(const char *what) {
  fprintf(stderr, "cable: %s: %s\n", what, strerror(errno));
  exit(1);
}

/* A TAP device in a namespace, which this process is in afterwards. Frames come with a header that
 * says what is still to be cut or summed up, so that long ones needn't be. */
static int make_device(const char *name, const char *namespace) {
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
  int space = open(namespace, O_RDONLY | O_CLOEXEC);
  if (space < 0 || setns(space, CLONE_NEWNET) != 0) die(namespace);
  close(space);
  int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) die("/dev/net/tun");
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  if (ioctl(device, TUNSETIFF, &request) != 0) die(name);
  if (ioctl(device, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) != 0) die(name);
  return device;
}

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

/* Takes in a frame, if there is one. */
static void receive(way *w) {
  frame *f = &w->frames[w->behind % MOST_FRAMES];
  f->length = read(w->from, f->bytes, LONGEST);
  if (f->length < 0 && errno == EBADFD) exit(0); /* the namespace is gone, with the device */
  if (f->length <= 0) return;
  const long takes = lround((double)f->length * w->per_byte);
  const long begun = now() - (w->to_node ? takes : 0);
  w->free = (w->free > begun ? w->free : begun) + takes;
  f->due = w->free + w->delay;
  w->behind++;
}

static void *carry(void *which) {
  way *w = which;
  prctl(PR_SET_TIMERSLACK, 1000UL);
  for (;;) {
    bool any = w->behind > w->first, full = w->behind - w->first == MOST_FRAMES;
    frame *next = &w->frames[w->first % MOST_FRAMES];
    const long left = any ? next->due - now() : 0;
    if (any && left <= 0) {
      /* A device that is down takes nothing, like a cable that isn't plugged in. */
      if (write(w->to, next->bytes, (size_t)next->length) < 0 && errno == EBADFD) exit(0);
      w->first++;
      continue;
    }
    struct pollfd in = {.fd = full ? -1 : w->from, .events = POLLIN};
    const struct timespec wait = {left / 1000000000L, left % 1000000000L};
    ppoll(&in, 1, any ? &wait : NULL, NULL);
    if (in.revents) receive(w);
  }
}

int main(int argc, char **argv) {
  if (argc != 7) {
    fprintf(stderr, "usage: cable MEGABITS MICROSECONDS SWITCH_DEVICE NAMESPACE NODE_DEVICE "
                    "NAMESPACE\n");
    return 2;
  }
  const double megabits = strtod(argv[1], NULL), microseconds = strtod(argv[2], NULL);
  if (!(megabits > 0 && microseconds >= 0)) {
    fprintf(stderr, "cable: a rate of %s and a delay of %s (expected more than 0, and 0 or more)\n",
            argv[1], argv[2]);
    return 2;
  }
  const int at_switch = make_device(argv[3], argv[4]), at_node = make_device(argv[5], argv[6]);
  way ways[2] = {{.from = at_node, .to = at_switch}, {.from = at_switch, .to = at_node}};
  /* A cable needn't wait for a processor. */
  if (sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1}) != 0) {
    die("no real-time priority");
  }
  pthread_t thread;
  for (int i = 0; i < 2; i++) {
    ways[i].to_node = i == 1;
    ways[i].per_byte = 8000 / megabits;
    ways[i].delay = lround(microseconds * 1000);
    ways[i].frames = malloc(MOST_FRAMES * sizeof(frame));
    if (!ways[i].frames) die("no memory");
  }
  if ((errno = pthread_create(&thread, NULL, carry, &ways[1])) != 0) die("no thread");
  puts("ready");
  fflush(stdout);
  carry(&ways[0]);
  return 0;
}
