# Analyses of report C, run by scripts/reproduce.

# C4: the first 1,000 test images. The report does not give its number of neighbours; with 6,
# which is the default, its figure for PCA comes out.
analysis c4_pixels embed --dataset mnist --first 1000 --method pca --method tsne \
  --title 'The first 1,000 test images in two dimensions' \
  --reference 'neighbouring hit: PCA 0.3672, t-SNE 0.7792; KL divergence of t-SNE 1.0134 after 1,000 iterations'

# C5: outputs of the hidden layer of 100 for them, in c2 and in c3.
analysis c5_hidden_layers embed "$(model c2_mlp_sigmoid)" "$(model c3_cnn_sigmoid)" \
  --layer dense --first 1000 --method pca --method tsne \
  --title 'Outputs of hidden layers for these images in two dimensions' \
  --reference 'c3 separates the classes better than c2, both far better than the pixels; the ellipses of c3 do not overlap'
