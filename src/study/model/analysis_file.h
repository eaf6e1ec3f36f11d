/* The file that an analysis writes: where, and what it records of itself. */
#ifndef LS_STUDY_MODEL_ANALYSIS_FILE_H
#define LS_STUDY_MODEL_ANALYSIS_FILE_H

/* All texts are borrowed. */
typedef struct ls_analysis_file {
  const char *path;      /* figures are named after it */
  const char *command;   /* the command line, for the attribute `history` */
  const char *title;     /* NULL: the default title of the analysis */
  const char *reference; /* a published result to compare with, as text; NULL: none */
} ls_analysis_file;

#endif
