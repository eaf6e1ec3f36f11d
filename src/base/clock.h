/* Time: a clock for durations, the pauses in it, and the date. Local. */
#ifndef LS_BASE_CLOCK_H
#define LS_BASE_CLOCK_H

/* Seconds since an arbitrary moment; never goes back. */
double ls_clock_seconds(void);

/* Seconds since 1970 by the date of this machine. */
double ls_clock_date(void);

/* Returns the total seconds of the pauses of this process: times in which it could not run, because
 * it was stopped by a signal or its machine was suspended. For any thread. */
double ls_clock_paused(void);

/* The clock without these pauses: it stands still meanwhile. For any thread. */
double ls_clock_running(void);

/* From now on the time between two calls of ls_clock_paused counts as a pause where it exceeds
 * `longest` seconds. A thread has to call it at shorter intervals. 0 (the default): no time counts.
 */
void ls_clock_watch_pauses(double longest);

/* Writes the date and time as 2026-01-31T12:34:56Z into `out`. */
void ls_clock_utc(char out[32]);

/* The seconds since 1970 of such a date and time; NaN if the text is none. */
double ls_clock_parse_utc(const char *text);

/* Writes a duration for people, such as "0.8 s", "45 s", "12 min", "3 h 20 min", into `out`. */
void ls_clock_duration(char out[32], double seconds);

#endif
