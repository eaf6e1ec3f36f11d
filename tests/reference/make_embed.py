"""Writes embed.txt: samples of four classes; their principal components, affinities and divergence of
t-SNE, neighbouring hit and silhouette by scikit-learn 1.2 and SciPy; hulls, and 95 % ellipses from
NumPy's covariance and eigenvalues. The intersection of two of them is where the inequalities of all
their sides hold (ellipses are polygons of 4096 points).

Usage: make_embed.py > embed.txt"""

import numpy as np
from scipy.optimize import linprog
from scipy.spatial import ConvexHull, HalfspaceIntersection
from scipy.spatial.distance import squareform
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.manifold._t_sne import _gradient_descent, _joint_probabilities, _kl_divergence
from sklearn.metrics import pairwise_distances, silhouette_score
from sklearn.neighbors import NearestNeighbors

SAMPLES, FEATURES, CLASSES = 120, 9, 4
WIDE_SAMPLES, WIDE_FEATURES = 12, 300
PERPLEXITY = 12.0
ITERATIONS = 8


def make_samples(samples, features):
    random = np.random.default_rng(features)
    labels = random.integers(0, CLASSES, samples)
    centers = random.normal(size=(CLASSES, features)) * 1.5
    x = 20 + centers[labels] + random.normal(size=(samples, features)) * np.linspace(2, 0.5, features)
    x = np.round(x, 4)
    return x.astype(np.float32).astype(np.float64), labels


def hit(points, labels, k):
    neighbours = NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False)
    return (labels[neighbours] == labels[:, None]).mean()


def ellipse(points):
    """Centre, half axes, the angle of the longer one, area."""
    values, vectors = np.linalg.eigh(np.cov(points.T))
    axes = np.sqrt(-2 * np.log(0.05) * values[::-1])
    angle = np.arctan(vectors[1, 1] / vectors[0, 1])
    return [*points.mean(0), *axes, angle, np.pi * axes.prod()]


def outline(points):
    """The ellipse as a hull."""
    x, y, long, short, angle, _ = ellipse(points)
    turn = np.linspace(0, 2 * np.pi, 4096, endpoint=False)
    axes = np.stack([long * np.cos(turn), short * np.sin(turn)], 1)
    rotation = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    return ConvexHull([x, y] + axes @ rotation)


def overlap(one, other):
    """The area of what two hulls have in common, whose sides are a x + b <= 0."""
    sides = np.concatenate([one.equations, other.equations])
    # The point that is furthest from all sides.
    found = linprog([0, 0, -1], np.c_[sides[:, :2], np.ones(len(sides))], -sides[:, 2],
                    bounds=[(None, None)] * 3)
    if found.x[2] <= 0:
        return 0
    return ConvexHull(HalfspaceIntersection(sides, found.x[:2]).intersections).volume


def descend(scores, affinities):
    """Where points are after so many iterations; with many more, rounding decides."""
    start = scores / np.std(scores[:, 0]) * 1e-4
    y, _, _ = _gradient_descent(
        _kl_divergence, start.ravel(), it=0, n_iter=ITERATIONS, momentum=0.5, learning_rate=50.0,
        n_iter_check=1000, args=[12 * affinities, 1, SAMPLES, 2])
    return y.reshape(-1, 2)


def write(name, array, form="%.9g"):
    array = np.atleast_2d(array)
    print(name, *array.shape)
    for row in array:
        print(*(form % value for value in row))


def main():
    x, labels = make_samples(SAMPLES, FEATURES)
    write("x", x)
    write("labels", labels)
    pca = PCA(3, svd_solver="full").fit(x)
    scores = pca.transform(x)
    write("scores", scores)
    write("shares", pca.explained_variance_ratio_)
    wide, _ = make_samples(WIDE_SAMPLES, WIDE_FEATURES)
    write("wide", wide)
    write("wide_scores", PCA(2, svd_solver="full").fit_transform(wide))

    distances = pairwise_distances(x, metric="sqeuclidean").astype(np.float32)
    affinities = _joint_probabilities(distances, PERPLEXITY, 0)
    write("affinities", squareform(affinities)[:6])
    write("descended", descend(scores[:, :2], affinities))
    tsne = TSNE(2, perplexity=PERPLEXITY, method="exact", init="pca", learning_rate="auto",
                random_state=0)
    tsne.fit(x)
    write("divergence", tsne.kl_divergence_)

    y = scores[:, :2]
    write("hits", [hit(y, labels, k) for k in (1, 6, 20)])
    write("silhouette", silhouette_score(y, labels))
    classes = [y[labels == c] for c in range(CLASSES)]
    hulls = [ConvexHull(points) for points in classes]
    write("hull_sizes", [len(hull.vertices) for hull in hulls])
    write("hull_areas", [hull.volume for hull in hulls])
    write("ellipses", [ellipse(points) for points in classes])
    outlines = [outline(points) for points in classes]
    write("hull_overlaps", [[overlap(a, b) for b in hulls] for a in hulls])
    write("ellipse_overlaps", [[overlap(a, b) for b in outlines] for a in outlines])


main()
