# Analyses of report E, run by scripts/reproduce.

# E4: confusion matrix and misclassified images of e7.
analysis e4_errors errors "$(model e7_cnn)" \
  --title 'What the small convolutional network gets wrong'

# E5: outputs of its layers for one image, and the parts of the image that support its class.
analysis e5_layers activations "$(model e7_cnn)" --samples 0 --heat \
  --title 'Layer outputs of the small convolutional network for a test image'
