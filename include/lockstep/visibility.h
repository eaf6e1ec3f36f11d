/* What the declarations of every public header stand between: C linkage in C++, and symbols that
 * the shared library exports (it is compiled with -fvisibility=hidden). */
#ifndef LOCKSTEP_VISIBILITY_H
#define LOCKSTEP_VISIBILITY_H

#ifdef __cplusplus
#define LS_BEGIN_DECLARATIONS                                                                      \
  extern "C" {                                                                                     \
  _Pragma("GCC visibility push(default)")
#define LS_END_DECLARATIONS                                                                        \
  _Pragma("GCC visibility pop")                                                                    \
  }
#else
#define LS_BEGIN_DECLARATIONS _Pragma("GCC visibility push(default)")
#define LS_END_DECLARATIONS _Pragma("GCC visibility pop")
#endif

#endif
