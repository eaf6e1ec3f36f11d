/* Paths: where dataset files lie by default, folders made as needed, files replaced as a whole.
 * Local. Paths handed out are freed by the caller. */
#ifndef LS_BASE_PATHS_H
#define LS_BASE_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The folder for datasets: $LOCKSTEP_DATA, else $XDG_CACHE_HOME/lockstep, else ~/.cache/lockstep.
 * It need not exist. LS_INVALID if the environment names none. */
int ls_dataset_directory(char **out);

/* The folder for files that only the ranks of this node use, while they run: $LOCKSTEP_SCRATCH,
 * else $TMPDIR, else /tmp. */
const char *ls_scratch_directory(void);

/* The file that holds the dataset `name` ("mnist"): FOLDER/NAME.h5 in the folder above. It need not
 * exist. LS_INVALID if the name is not a plain file name. */
int ls_dataset_path(char **out, const char *name);

/* Whether a text that names a dataset is the path of a file: it has a slash or an extension. */
bool ls_dataset_is_path(const char *name);

/* The folder for the models of a results file: results/NAME for results/NAME.h5, FILE.models for a
 * FILE with another ending or none, so that no two files have the same. It need not exist. */
int ls_models_folder(char **out, const char *results);

/* The folder for the models of a trial (from 0) of a results file, such as results/NAME/trial_1. It
 * need not exist. */
int ls_trial_folder(char **out, const char *results, size_t trial);

/* The characters of a path before its extension: of "results/a.h5" those of "results/a"; all where
 * there is none. */
size_t ls_stem_length(const char *path);

/* The same of a results file, of which only .h5 counts as extension: lr0.1 and lr0.2 are different
 * jobs. */
size_t ls_results_stem_length(const char *results);

/* The name of a file without its folder: the characters after the last slash. Points into `path`.
 */
const char *ls_file_name(const char *path);

/* What is wrong with a name of a job or, without .h5, of a results file, from which a run and its
 * reports derive the names of other files: NAME.stop, NAME.h5.lock, NAME.h5.new, NAME_vs_OTHER.html
 * and so on. NULL if nothing is; else a text that follows the name. */
const char *ls_name_problem(const char *name);

/* Whether both paths name the same existing file. */
bool ls_is_same_file(const char *one, const char *other);

/* LS_INVALID if the path is a folder, a FIFO or a device: opening one can wait for ever. `expected`
 * follows "expected" in the message. */
int ls_check_regular_file(const char *path, const char *expected);

/* LS_INVALID if `output`, which need not exist and may be NULL, is one of the input files. */
int ls_check_output(const char *output, const char *const *inputs, size_t count);

/* The path that `other`, as written in `file`, stands for: relative to the folder of the file
 * unless it begins at the root. To be freed; NULL, with the error recorded, without memory. */
char *ls_path_beside(const char *file, const char *other);

/* Finds the file that `path`, as written in a job whose paths start from `folder` (NULL: from the
 * working directory), stands for: the one in the folder if that exists, else the one in the working
 * directory; *fallback (may be NULL) says whether it is the latter. If there is none at all, *out
 * is as the path is written. */
int ls_find_file(char **out, bool *fallback, const char *folder, const char *path);

/* Writes the places where ls_find_file looks, " (looked in ...)", to be added to a message that
 * there is no such file; "" if there is but one. */
void ls_looked_in(char out[256], const char *folder, const char *path);

/* The folder of a job file as an absolute path, to be freed: the working directory for what is not
 * a file with a folder of its own, such as /dev/stdin. NULL, with the error recorded, on failure.
 */
char *ls_folder_of_job(const char *path);

/* Makes a folder and those above it, written through to the disk; fine if it is there. */
int ls_make_directories(const char *path);

/* The same for the folder of a file, which need not exist. */
int ls_make_parents(const char *file);

/* The path that a symbolic link leads to, through further links; the target need not exist. Other
 * paths are copied. LS_INVALID for a loop of links. */
int ls_follow_links(char **out, const char *path);

/* Waits until what was written to a file or folder is on the disk, so that it outlasts a loss of
 * power. */
int ls_sync(const char *path);

/* Makes an empty file beside `path`, under a name that nobody else uses: to be filled and then put
 * in the place of `path`, or removed. LS_FAILED, naming `path`, if its folder allows no new file.
 */
int ls_make_temporary(char **out, const char *path);

/* Creates a file and opens it for writing. What has that name, a file that a crash has left or a
 * symbolic link, is removed first, and nothing that appears there meanwhile is followed. NULL, with
 * the error recorded, on failure. */
FILE *ls_create_file(const char *path);

/* Puts the finished file `temporary` in the place of `path`, both in the same folder: written
 * through to the disk, then renamed, so that a crash at any moment leaves the old or the new. */
int ls_replace_file(const char *temporary, const char *path);

/* Writes a whole file, or nothing: `length` bytes, made and put in its place as above. */
int ls_write_file(const char *path, const char *bytes, size_t length);

#endif
