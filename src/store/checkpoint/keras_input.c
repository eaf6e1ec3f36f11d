/* Scaling, standardization, projection and permutation as layers of Keras. */
#include "store/checkpoint/keras_input.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "store/checkpoint/keras_group.h"
#include "store/checkpoint/names.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_PIXELS = 4096 };

bool keras_input_fits(const ls_preprocessing *p) {
  if (p->input.rank == 0) return false;
  for (size_t i = 0; i < p->count; i++) {
    const ls_input_map *map = &p->maps[i];
    if (map->kind == LS_MAP_PERMUTATION && map->pixels > MOST_PIXELS) return false;
  }
  return true;
}

/* The name of a layer of transform number `index`. That with its weights has no `part`. */
static void name_layer(char name[LS_MAX_NAME], const ls_model *model, size_t index,
                       const char *part) {
  char base[48];
  snprintf(base, sizeof base, "transform_%zu%s%s", index + 1, *part ? "_" : "", part);
  keras_unused_name(model, base, name);
}

/* ---- The configuration ----------------------------------------------------------------------- */

static void append_layer(keras_chain *c, const char *class_name, size_t index, const char *part,
                         json_t *config) {
  char name[LS_MAX_NAME];
  name_layer(name, c->model, index, part);
  keras_append(c, class_name, name, config);
}

static void append_reshape(keras_chain *c, size_t index, const char *part, const ls_shape *shape) {
  json_t *extents = json_array();
  for (int i = 0; i < shape->rank; i++) {
    json_array_append_new(extents, json_integer(shape->extent[i]));
  }
  append_layer(c, "Reshape", index, part, json_pack("{s:o}", "target_shape", extents));
}

static void append_dense(keras_chain *c, size_t index, size_t units, bool bias) {
  append_layer(c, "Dense", index, "",
               json_pack("{s:I, s:s, s:b, s:b}", "units", (json_int_t)units, "activation", "linear",
                         "use_bias", bias, "trainable", 0));
}

static ls_shape flat(const ls_shape *shape) {
  return (ls_shape){1, {ls_shape_size(shape)}};
}

/* Keras 3 reads no list of several axes from such files: elements become one dimension. */
static void append_standardization(keras_chain *c, size_t index, const ls_input_map *map) {
  const ls_shape elements = flat(&map->input);
  if (map->input.rank > 1) append_reshape(c, index, "flatten", &elements);
  append_layer(c, "Normalization", index, "", json_pack("{s:i, s:b}", "axis", -1, "trainable", 0));
  if (map->input.rank > 1) append_reshape(c, index, "shape", &map->input);
}

static void append_projection(keras_chain *c, size_t index, const ls_input_map *map) {
  const ls_shape elements = flat(&map->input);
  if (map->input.rank > 1) append_reshape(c, index, "flatten", &elements);
  append_dense(c, index, (size_t)ls_shape_size(&map->output), true);
}

/* A dense layer multiplies along the last dimension, which therefore has to be that of pixels. */
static void append_permutation(keras_chain *c, size_t index, const ls_input_map *map) {
  const int64_t pixels = (int64_t)map->pixels, channels = ls_shape_size(&map->input) / pixels;
  const ls_shape table = {channels > 1 ? 2 : 1, {pixels, channels}};
  if (map->input.rank > 1) append_reshape(c, index, "flatten", &table);
  if (channels > 1) append_layer(c, "Permute", index, "swap", json_pack("{s:[ii]}", "dims", 2, 1));
  append_dense(c, index, map->pixels, false);
  if (channels > 1) append_layer(c, "Permute", index, "back", json_pack("{s:[ii]}", "dims", 2, 1));
  if (map->input.rank > 1) append_reshape(c, index, "shape", &map->input);
}

void keras_input_append(keras_chain *c, const ls_preprocessing *p) {
  if (!keras_input_fits(p)) {
    keras_append_input(c, &c->model->input);
    return;
  }
  static void (*const append[])(keras_chain *, size_t, const ls_input_map *) = {
      [LS_MAP_STANDARDIZATION] = append_standardization,
      [LS_MAP_PROJECTION] = append_projection,
      [LS_MAP_PERMUTATION] = append_permutation};
  char name[LS_MAX_NAME];
  keras_append_input(c, &p->input);
  keras_unused_name(c->model, "rescaling", name);
  if (p->scale != 1) {
    keras_append(c, "Rescaling", name, json_pack("{s:f, s:f}", "scale", p->scale, "offset", 0.0));
  }
  for (size_t i = 0; i < p->count; i++) append[p->maps[i].kind](c, i, &p->maps[i]);
}

/* ---- The weights ----------------------------------------------------------------------------- */

static int write_array(hid_t layer, const char *path, hid_t type, const ls_shape *shape,
                       const void *values) {
  hsize_t extent[LS_MAX_DIMS];
  for (int i = 0; i < shape->rank; i++) extent[i] = (hsize_t)shape->extent[i];
  int status = ls_h5_create_dataset(layer, path, type, shape->rank, extent, NULL);
  return status == LS_OK ? ls_h5_write(layer, path, type, values) : status;
}

/* Keras divides by the root of the variance. */
static int write_standardization(hid_t group, const char *const *paths, const ls_input_map *map) {
  const ls_shape shape = flat(&map->input), scalar = {0};
  const size_t size = (size_t)shape.extent[0];
  const int64_t count = 0;
  ls_real *variance = ls_new(size, sizeof *variance);
  if (!variance) return LS_FAILED;
  for (size_t k = 0; k < size; k++) {
    variance[k] = (ls_real)(1 / ((double)map->factor[k] * (double)map->factor[k]));
  }
  int status = write_array(group, paths[0], real_type(), &shape, map->mean);
  if (status == LS_OK) status = write_array(group, paths[1], real_type(), &shape, variance);
  if (status == LS_OK) status = write_array(group, paths[2], H5T_NATIVE_INT64, &scalar, &count);
  free(variance);
  return status;
}

/* (x - mean) matrix = x matrix - mean matrix. */
static int write_projection(hid_t group, const char *const *paths, const ls_input_map *map) {
  const size_t p = (size_t)ls_shape_size(&map->input), q = (size_t)ls_shape_size(&map->output);
  ls_real *bias = ls_new(q, sizeof *bias);
  if (!bias) return LS_FAILED;
  for (size_t c = 0; c < q; c++) {
    double sum = 0;
    for (size_t k = 0; k < p; k++) {
      double mean = (double)map->mean[k] + (double)map->remainder[k];
      sum -= mean * (double)map->matrix[k * q + c];
    }
    bias[c] = (ls_real)sum;
  }
  const ls_shape of_kernel = {2, {(int64_t)p, (int64_t)q}};
  int status = write_array(group, paths[0], real_type(), &of_kernel, map->matrix);
  if (status == LS_OK) status = write_array(group, paths[1], real_type(), &map->output, bias);
  free(bias);
  return status;
}

static int write_permutation(hid_t group, const char *const *paths, const ls_input_map *map) {
  const size_t n = map->pixels;
  int8_t *kernel = ls_new(n * n, sizeof *kernel);
  if (!kernel) return LS_FAILED;
  for (size_t k = 0; k < n; k++) kernel[map->order[k] * n + k] = 1;
  const ls_shape shape = {2, {(int64_t)n, (int64_t)n}};
  int status = write_array(group, paths[0], H5T_NATIVE_INT8, &shape, kernel);
  free(kernel);
  return status;
}

/* The arrays of each kind, in Keras's order. */
static const struct {
  const char *arrays[4];
  int (*write)(hid_t group, const char *const *paths, const ls_input_map *map);
} writers[] = {[LS_MAP_STANDARDIZATION] = {{"mean", "variance", "count"}, write_standardization},
               [LS_MAP_PROJECTION] = {{"kernel", "bias"}, write_projection},
               [LS_MAP_PERMUTATION] = {{"kernel"}, write_permutation}};

static int write_map(hid_t weights, const char *name, const ls_input_map *map) {
  keras_group group;
  const char *const *arrays = writers[map->kind].arrays;
  int status = keras_group_create(&group, weights, name, true);
  for (size_t i = 0; arrays[i]; i++) keras_group_add(&group, arrays[i]);
  const char *const paths[] = {group.paths[0], group.paths[1], group.paths[2]};
  if (status == LS_OK) status = writers[map->kind].write(group.id, paths, map);
  return keras_group_close(&group, status);
}

int keras_input_write(hid_t weights, const ls_model *model, const ls_preprocessing *p,
                      char names[LS_MOST_MAPS][LS_MAX_NAME]) {
  int status = LS_OK;
  for (size_t i = 0; i < p->count && status == LS_OK; i++) {
    name_layer(names[i], model, i, "");
    status = write_map(weights, names[i], &p->maps[i]);
  }
  return status;
}
