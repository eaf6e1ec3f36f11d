# Analyses of report E, run by scripts/reproduce.

# E4: confusion matrix with totals and misclassified images of the best network, (100, 64) with relu
# and lambda 0.5, on its 300 held-out images. It is point 6 of e2_grid.
analysis e4_errors errors "$(model e2_grid 6)" --split validation \
  --title 'Errors of the network of two hidden layers on 300 images'

# E5: outputs of its layers of 100 and 64 units for a test image, as heat maps.
analysis e5_layers activations "$(model e2_grid 6)" --samples 0 \
  --title 'Layer outputs of the network of two hidden layers for a test image'

# E5: feature maps of e7 for the same image, and the parts of the image that support its class; then
# those of the network of e8 with kernels of 24 x 24.
analysis e5_maps activations "$(model e7_cnn)" --samples 0 --heat \
  --title 'Layer outputs of the small convolutional network for a test image'
analysis e5_maps_24 activations "$(model e8_kernel_size 5)" --samples 0 \
  --layer conv2d --layer max_pooling2d \
  --title 'The same of the network with kernels of 24 x 24'

# E9: test images above their reconstructions by the autoencoder.
analysis e9_reconstructions decode "$(model e9_1_autoencoder)" --layer code \
  --samples 0,1,2,3,4,5,6,7,8,9 --noise 0 \
  --title 'Test images and their reconstructions by the autoencoder'
