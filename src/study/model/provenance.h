/* Provenance: attributes of every file that an analysis writes. */
#ifndef LS_STUDY_MODEL_PROVENANCE_H
#define LS_STUDY_MODEL_PROVENANCE_H

/* All texts are borrowed. */
typedef struct ls_provenance {
  const char *command;   /* the command line, for the attribute `history` */
  const char *title;     /* NULL: the default title of the analysis */
  const char *reference; /* a published result to compare with, as text; NULL: none */
} ls_provenance;

#endif
