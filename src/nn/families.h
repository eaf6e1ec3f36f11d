/* The layers, activations, initialisers, regularisers, losses and metrics that Lockstep has: one
 * line each. To add one: write its file, such as src/nn/layers/NAME.c that defines `const
 * ls_layer_type ls_layer_NAME`, and add NAME to the list below. */
#ifndef LS_NN_FAMILIES_H
#define LS_NN_FAMILIES_H

#include "lockstep/layer.h"

#define LS_LAYERS(X)                                                                               \
  X(dense)                                                                                         \
  X(conv2d)                                                                                        \
  X(conv2d_transpose)                                                                              \
  X(activation)                                                                                    \
  X(activity_regularization)                                                                       \
  X(dropout)                                                                                       \
  X(flatten)                                                                                       \
  X(reshape)                                                                                       \
  X(gaussian_noise)                                                                                \
  X(salt_and_pepper)                                                                               \
  X(max_pooling2d)                                                                                 \
  X(average_pooling2d)                                                                             \
  X(global_max_pooling2d)                                                                          \
  X(global_average_pooling2d)                                                                      \
  X(upsampling2d)                                                                                  \
  X(batch_normalization)                                                                           \
  X(random_translation)                                                                            \
  X(random_rotation)                                                                               \
  X(random_zoom)                                                                                   \
  X(random_flip)                                                                                   \
  X(random_affine)                                                                                 \
  X(elastic_transform)                                                                             \
  X(random_erasing)                                                                                \
  X(sequential)

#define LS_ACTIVATIONS(X)                                                                          \
  X(linear)                                                                                        \
  X(relu)                                                                                          \
  X(sigmoid)                                                                                       \
  X(tanh)                                                                                          \
  X(softmax)                                                                                       \
  X(leaky_relu)                                                                                    \
  X(elu)                                                                                           \
  X(selu)                                                                                          \
  X(gelu)                                                                                          \
  X(swish)                                                                                         \
  X(silu)                                                                                          \
  X(hard_sigmoid)                                                                                  \
  X(softplus)                                                                                      \
  X(exponential)

#define LS_INITIALIZERS(X)                                                                         \
  X(zeros)                                                                                         \
  X(ones)                                                                                          \
  X(glorot_uniform)                                                                                \
  X(glorot_normal)                                                                                 \
  X(he_uniform)                                                                                    \
  X(he_normal)                                                                                     \
  X(lecun_uniform)                                                                                 \
  X(lecun_normal)                                                                                  \
  X(constant)                                                                                      \
  X(random_uniform)                                                                                \
  X(random_normal)                                                                                 \
  X(truncated_normal)                                                                              \
  X(orthogonal)

#define LS_REGULARIZERS(X)                                                                         \
  X(l2)                                                                                            \
  X(l1)                                                                                            \
  X(l1_l2)

#define LS_LOSSES(X)                                                                               \
  X(categorical_crossentropy)                                                                      \
  X(binary_crossentropy)                                                                           \
  X(categorical_focal_crossentropy)                                                                \
  X(binary_focal_crossentropy)                                                                     \
  X(categorical_hinge)                                                                             \
  X(hinge)                                                                                         \
  X(kl_divergence)                                                                                 \
  X(poisson)                                                                                       \
  X(mean_squared_error)                                                                            \
  X(mean_absolute_error)                                                                           \
  X(huber)                                                                                         \
  X(quantile)                                                                                      \
  X(cosine_similarity)

#define LS_METRICS(X)                                                                              \
  X(accuracy)                                                                                      \
  X(top_k_categorical_accuracy)                                                                    \
  X(binary_accuracy)                                                                               \
  X(precision)                                                                                     \
  X(recall)                                                                                        \
  X(f1)                                                                                            \
  X(auc)                                                                                           \
  X(pr_auc)                                                                                        \
  X(cohen_kappa)                                                                                   \
  X(mean_squared_error)                                                                            \
  X(mean_absolute_error)                                                                           \
  X(root_mean_squared_error)                                                                       \
  X(mean_absolute_percentage_error)                                                                \
  X(r2)

#define LS_DECLARE_LAYER(name) extern const ls_layer_type ls_layer_##name;
#define LS_DECLARE_ACTIVATION(name) extern const ls_activation_type ls_activation_##name;
#define LS_DECLARE_INITIALIZER(name) extern const ls_initializer_type ls_initializer_##name;
#define LS_DECLARE_REGULARIZER(name) extern const ls_regularizer_type ls_regularizer_##name;
#define LS_DECLARE_LOSS(name) extern const ls_loss_type ls_loss_##name;
#define LS_DECLARE_METRIC(name) extern const ls_metric_type ls_metric_##name;
LS_LAYERS(LS_DECLARE_LAYER)
LS_ACTIVATIONS(LS_DECLARE_ACTIVATION)
LS_INITIALIZERS(LS_DECLARE_INITIALIZER)
LS_REGULARIZERS(LS_DECLARE_REGULARIZER)
LS_LOSSES(LS_DECLARE_LOSS)
LS_METRICS(LS_DECLARE_METRIC)

/* binary_accuracy with its defaults. */
extern const ls_choice ls_metric_binary_accuracy_defaults;

/* The layers within a `sequential`; NULL if the layer is none. */
const ls_choices *ls_sequential_layers(const ls_choice *layer);

#endif
