/* Time: one clock for durations, one for dates. Local. */
#ifndef LS_BASE_CLOCK_H
#define LS_BASE_CLOCK_H

/* Seconds since an arbitrary moment; never goes back. */
double ls_clock_seconds(void);

/* Writes the date and time as 2026-01-31T12:34:56Z into `out`. */
void ls_clock_utc(char out[32]);

/* Writes a duration for people, such as "0.8 s", "45 s", "12 min", "3 h 20 min", into `out`. */
void ls_clock_duration(char out[32], double seconds);

#endif
