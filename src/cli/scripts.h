/* The job scripts of slurm/, word for word; made from the files when the program is built. */
#ifndef LS_CLI_SCRIPTS_H
#define LS_CLI_SCRIPTS_H

extern const char cli_train_script[], cli_array_script[];

#endif
