# Analyses of report A, run by scripts/reproduce.

# A4, A6: four test images, a 7, a 2, a 1 and a 0, with noise at levels from 0 to 1, and what the
# autoencoder trained with noise 0.4 makes of them (the report's second way to new digits); then
# digits decoded between their codes, the first way.
analysis a6_digits decode "$(model a4_denoising_autoencoder 2)" --layer code \
  --samples 0,1,2,3 --noise 0:1:0.2 \
  --title 'Digits from the denoising autoencoder: reconstructed, interpolated, generated'

# A5: the sixth network of a3 on noisy images, and behind the autoencoder. The report's true-positive
# rate over all classes is the accuracy.
analysis a5_noise eval "$(model a3_cnn 6)" --through "$(model a4_denoising_autoencoder 2)" \
  --transform salt_and_pepper=0:1:0.1 \
  --title 'The sixth network on noisy and on denoised images: true-positive rate over all classes' \
  --reference 'denoised: high up to 0.4, falls hard at 0.6; noisy: falls from 0.2; denoised slightly worse at 0'
