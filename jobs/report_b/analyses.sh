# Analyses of report B, run by scripts/reproduce.

# B8: b7 and b2 on test images rolled by 1 to 6 pixels, and a few of these images.
analysis b8_shifts eval "$(model b7_cnn_noise)" "$(model b2_mlp_100)" \
  --transform shift_right=1:6:1 --transform shift_left=1:6:1 \
  --transform shift_up=1:6:1 --transform shift_down=1:6:1 \
  --title 'A convolutional network and an MLP on images rolled by some pixels' \
  --reference '3 pixels to the right: convolutional network 0.901, MLP 0.571'

# B8: what the MLP takes images for that are rolled by 3 pixels to the right.
analysis b8_errors errors "$(model b2_mlp_100)" --transform shift_right=3 \
  --title 'Errors of the MLP on images rolled by 3 pixels to the right'
