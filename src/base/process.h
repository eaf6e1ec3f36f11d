/* What the system tells of this host's processes and its processor. Local. */
#ifndef LS_BASE_PROCESS_H
#define LS_BASE_PROCESS_H

/* Its state as ps shows it (R, S, D, T and so on), 0 if there is no such process; *start is when it
 * was started, in ticks since boot: a number alone may have been given to another process since.
 * See proc_pid_stat(5). */
char ls_process_state(long process, unsigned long long *start);

/* The processor's model, "unknown" if the kernel doesn't tell. */
void ls_processor_name(char out[128]);

#endif
