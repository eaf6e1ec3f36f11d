/* What a dataset file says of its inputs. */
#include "data/description.h"

#include "data/members.h"
#include "h5/h5.h"
#include "lockstep/error.h"

int ls_dataset_encoding(const ls_dataset *d, char **encoding) {
  char path[MEMBER_PATH];
  hid_t file = -1;
  *encoding = NULL;
  member_of_input(path, LS_TRAIN);
  int status = ls_h5_open(&file, d->path);
  if (status == LS_OK && ls_h5_has_attribute(file, path, "encoding")) {
    status = ls_h5_get_text(file, path, "encoding", encoding);
  }
  ls_h5_close(&file);
  return status;
}
