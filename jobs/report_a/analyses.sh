# Analyses of report A, run by scripts/reproduce.

# A4, A6: reconstructions by the autoencoder trained with noise 0.4, and digits decoded between the
# codes of test images, which are a 7, a 2, a 1 and a 0. The report shows such images.
analysis a6_digits decode "$(model a4_denoising_autoencoder 2)" --layer code \
  --samples 0,1,2,3 --noise 0:1:0.2 \
  --title 'Digits from the denoising autoencoder: reconstructed, interpolated, generated'

# A5: the sixth network of a3 on noisy images, and behind the autoencoder.
analysis a5_noise eval "$(model a3_cnn 6)" --through "$(model a4_denoising_autoencoder 2)" \
  --transform salt_and_pepper=0:1:0.1 \
  --title 'The sixth network on noisy images, and on images denoised by the autoencoder' \
  --reference 'denoised: high up to 0.4, falls hard at 0.6; noisy: falls from 0.2; denoised slightly worse at 0'
