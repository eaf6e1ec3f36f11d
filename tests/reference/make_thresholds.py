"""Writes thresholds.txt: the thresholds that TunedThresholdClassifierCV of scikit-learn (1.9.1)
chooses from 0, 0.001, ..., 0.999.

Usage: make_thresholds.py > thresholds.txt

A case has three lines: the number of samples, the score and the threshold; the probabilities of the
second class, none of which is a threshold; the classes. tests/unit/trial/trial_thresholds_test.c
reads the file."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import TunedThresholdClassifierCV

random = np.random.default_rng(6)


class Given(ClassifierMixin, BaseEstimator):
    """Its input is the probability."""

    def fit(self, x, y):
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, x):
        return np.column_stack([1 - x[:, 0], x[:, 0]])


for count, positive, slope in ((60, 0.5, 2), (120, 0.1, 3), (120, 0.9, 1), (40, 0.3, 8), (90, 0.05, 1)):
    y = (random.uniform(size=count) < positive).astype(int)
    y[:2] = 0, 1
    p = 1 / (1 + np.exp(1.5 - random.normal(size=count) - slope * y))
    p = (np.floor(p * 1000) + 0.5) / 1000
    for score in ("f1", "balanced_accuracy", "accuracy"):
        tuned = TunedThresholdClassifierCV(Given().fit(None, None), scoring=score, cv="prefit",
                                           refit=False, thresholds=np.arange(1000) / 1000)
        tuned.fit(p[:, None], y)
        print(count, score, tuned.best_threshold_)
        print(*p)
        print(*y)
