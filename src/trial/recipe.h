/* The recipe: what the keys of a job file are, beside `sweep`. One struct per section, one table of
 * arguments each in src/trial/recipe.c, from which job files are read, checked and printed. */
#ifndef LS_TRIAL_RECIPE_H
#define LS_TRIAL_RECIPE_H

#include "lockstep/component.h"

/* Part of the samples. Left out: all zero. */
typedef struct ls_subset_args {
  double train, test; /* from 1 a number, below a share, NaN or 0: all */
  bool stratified;
  double seed; /* whole; NaN: the first samples */
} ls_subset_args;

typedef struct ls_dataset_args {
  char *name;          /* of a dataset made by `lockstep data` */
  char *file;          /* or the path of a dataset file */
  bool allow_external; /* virtual datasets, whose data are in other files */
  ls_subset_args subset;
  ls_choice validation;        /* a member of ls_validations */
  int64_t shuffle_buffer_size; /* samples; 0: all */
  ls_choices transform;        /* members of ls_transform_family */
} ls_dataset_args;

/* As keras.callbacks.EarlyStopping. Left out: `monitor` is NULL. */
typedef struct ls_early_stopping_args {
  char *monitor;
  int64_t patience;
  double min_delta;
  int mode; /* an ls_monitor_mode */
  double baseline;
  bool restore_best_weights;
  int64_t start_from_epoch;
} ls_early_stopping_args;

/* As keras.callbacks.ReduceLROnPlateau. Left out: `monitor` is NULL. */
typedef struct ls_plateau_args {
  char *monitor;
  double factor;
  int64_t patience;
  int mode; /* an ls_monitor_mode */
  double min_delta;
  int64_t cooldown;
  double min_lr;
} ls_plateau_args;

typedef enum ls_monitor_mode { LS_MONITOR_AUTO, LS_MONITOR_MIN, LS_MONITOR_MAX } ls_monitor_mode;

/* What a decision threshold maximizes. */
typedef enum ls_score {
  LS_SCORE_NONE = -1,
  LS_SCORE_F1,
  LS_SCORE_BALANCED_ACCURACY,
  LS_SCORE_ACCURACY,
} ls_score;

/* What an output of a model learns. */
typedef struct ls_objective_args {
  char *target; /* a target of the dataset, or "input"; NULL: its only one, or that of the
                   head's name */
  ls_choice target_scaling; /* a member of ls_target_scalings; none: not scaled */
  ls_choice loss;
  ls_named_reals class_weight;
  int tune_threshold; /* an ls_score */
  ls_choices metrics; /* without items: see ls_head_spec */
} ls_objective_args;

/* One of several outputs of a model: layers of its own behind the common ones, and a loss. */
typedef struct ls_head_args {
  ls_choices layers;
  ls_objective_args objective;
  double loss_weight;
} ls_head_args;

/* What computes matrix products. */
typedef enum ls_products_by { LS_PRODUCTS_LOCKSTEP, LS_PRODUCTS_OPENBLAS } ls_products_by;

/* How matrix products round their operands. */
typedef enum ls_precision { LS_PRECISION_FLOAT32, LS_PRECISION_BFLOAT16 } ls_precision;

typedef struct ls_train_args {
  int64_t epochs;
  int64_t batch_size;
  ls_choice optimizer;
  ls_objective_args objective; /* of a model without heads */
  int64_t seed;
  int64_t shards; /* 0: see ls_plan.shards */
  ls_early_stopping_args early_stopping;
  ls_plateau_args reduce_lr_on_plateau;
  int reduction; /* an ls_reduction */
  int products;  /* an ls_products_by */
  int precision; /* an ls_precision */
} ls_train_args;

typedef struct ls_recipe {
  char *name, *title;
  char *folder;       /* that relative paths start from; NULL: the working directory */
  ls_reals reference; /* with the next two short for one of `references` */
  char *reference_metric, *reference_label;
  ls_sections references, orderings; /* of ls_reference_args and ls_ordering_args */
  ls_sections figures;               /* of ls_figure_args, for the report */
  ls_dataset_args dataset;
  ls_choices model;
  ls_sections heads; /* of ls_head_args */
  ls_train_args train;
  ls_choice search;      /* a member of ls_searches; none: all trials are trained to their end */
  ls_choice keep_models; /* a member of ls_retentions; none: all */
} ls_recipe;

extern const ls_component ls_recipe_component;

/* Returns what head number `head` learns; head 0 of a job without heads is the model's output. */
const ls_objective_args *ls_recipe_objective(const ls_recipe *recipe, size_t head);

/* Where validation samples come from. A plain number stands for the first. */
extern const ls_component ls_validation_fraction, ls_validation_test, ls_validation_folds,
    ls_validation_group;

typedef struct ls_validation_fraction_args {
  double fraction;
  bool shuffle, stratified;
} ls_validation_fraction_args;

typedef struct ls_validation_group_args {
  char *group;
  double fraction; /* of the groups; NaN: left out */
  bool stratified;
} ls_validation_group_args;

#endif
