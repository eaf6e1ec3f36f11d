/* Processes and processor of this host, from the proc file system. Local. */
#ifndef LS_BASE_PROCESS_H
#define LS_BASE_PROCESS_H

/* Returns the state of a process as ps shows it (R, S, D, T and so on), 0 if there is no such
 * process; *start is its start time, in ticks since boot, which tells it from a later process with
 * the same number. See proc_pid_stat(5). */
char ls_process_state(long process, unsigned long long *start);

/* Returns only the start time; 0 if there is no such process, or one that is dead, but not yet
 * waited for by its parent. */
unsigned long long ls_process_start(long process);

/* Sets `out` to the model name of the processor, "unknown" if the kernel doesn't report one. */
void ls_processor_name(char out[128]);

#endif
