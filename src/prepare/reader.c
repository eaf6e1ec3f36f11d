/* Reading a source by its roles. */
#include "prepare/reader.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <stdlib.h>

static int create_encoders(row_reader *r, const column_roles *roles) {
  int status = ls_encoder_create(&r->inputs, roles->inputs, r->source);
  for (size_t i = 0; i < roles->target_count && status == LS_OK; i++) {
    status = ls_encoder_create(&r->targets[i], roles->targets[i].encoding, r->source);
    r->target_count++;
  }
  for (size_t i = 0; i < roles->weight_count && status == LS_OK; i++) {
    status = ls_encoder_create(&r->weights[i], roles->weights[i].encoding, r->source);
    r->weight_count++;
  }
  if (status == LS_OK && roles->group) {
    status = ls_encoder_create(&r->group, roles->group, r->source);
  }
  return status;
}

int reader_create(row_reader **out, const column_roles *roles, ls_source *source, bool drops) {
  row_reader *r = ls_new(1, sizeof *r);
  *out = r;
  if (!r) return LS_FAILED;
  r->source = source;
  r->drops = drops;
  r->block = ls_source_block(source);
  r->rows = ls_new(r->block, source->width * sizeof *r->rows);
  r->places = ls_new(r->block, sizeof *r->places);
  int status = r->rows && r->places ? create_encoders(r, roles) : LS_FAILED;
  if (status != LS_OK) reader_free(out);
  return status;
}

int reader_rewind(row_reader *r) {
  r->got = r->next = r->kept = r->dropped = 0;
  return ls_source_rewind(r->source);
}

static bool is_missing(const row_reader *r) {
  bool missing = ls_encoder_is_missing(r->inputs, r->row);
  for (size_t i = 0; i < r->target_count; i++) {
    missing |= ls_encoder_is_missing(r->targets[i], r->row);
  }
  for (size_t i = 0; i < r->weight_count; i++) {
    missing |= ls_encoder_is_missing(r->weights[i], r->row);
  }
  return missing || (r->group && ls_encoder_is_missing(r->group, r->row));
}

int reader_next(row_reader *r, bool *end) {
  for (*end = false;;) {
    if (r->next == r->got) {
      int status = ls_source_read(r->source, r->block, r->rows, r->places, &r->got);
      r->next = 0;
      *end = status == LS_OK && r->got == 0;
      if (status != LS_OK || *end) return status;
    }
    r->row = r->rows + r->next * r->source->width;
    r->place = r->places[r->next++];
    if (!r->drops || !is_missing(r)) break;
    r->dropped++;
  }
  r->kept++;
  return LS_OK;
}

static int number_of(const row_reader *r, const ls_encoder *encoder, size_t *number) {
  float value = 0;
  int status = ls_encoder_apply(encoder, r->row, r->place, &value);
  *number = (size_t)value;
  return status;
}

int reader_class(const row_reader *r, size_t *class) {
  return number_of(r, r->targets[0], class);
}

int reader_group(const row_reader *r, size_t *group) {
  return number_of(r, r->group, group);
}

void reader_free(row_reader **reader) {
  if (!*reader) return;
  ls_encoder_free(&(*reader)->inputs);
  for (size_t i = 0; i < (*reader)->target_count; i++) ls_encoder_free(&(*reader)->targets[i]);
  for (size_t i = 0; i < (*reader)->weight_count; i++) ls_encoder_free(&(*reader)->weights[i]);
  ls_encoder_free(&(*reader)->group);
  free((*reader)->rows);
  free((*reader)->places);
  free(*reader);
  *reader = NULL;
}
