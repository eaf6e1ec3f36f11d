/* What the file of every analysis says of itself beside its numbers. */
#ifndef LS_STUDY_PROVENANCE_H
#define LS_STUDY_PROVENANCE_H

/* All is borrowed. */
typedef struct ls_provenance {
  const char *command;   /* the command line, for the file's history */
  const char *title;     /* NULL: the analysis' own */
  const char *reference; /* what is reported elsewhere, in words; NULL: nothing */
} ls_provenance;

#endif
