"""Writes groups.txt: which fold each sample is in, by GroupKFold and StratifiedGroupKFold of
scikit-learn (1.9.1).

Usage: make_groups.py > groups.txt

A case has five lines: the number of samples, of classes and of folds; the groups; the labels; the
folds without and with strata. tests/unit/data/data_groups_test.c reads the file."""

import warnings

import numpy as np
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

warnings.simplefilter("ignore")
random = np.random.default_rng(4)


def folds_of(splitter, labels, groups):
    folds = np.empty(len(labels), int)
    for k, (_, test) in enumerate(splitter.split(labels, labels, groups)):
        folds[test] = k
    return folds


for classes, count, most, folds in ((2, 40, 12, 3), (3, 90, 20, 5), (5, 60, 9, 2), (2, 30, 30, 10),
                                    (1, 20, 6, 4), (4, 120, 35, 8)):
    values = random.choice(np.arange(-500, 500), most, replace=False)
    groups = random.choice(values, count, p=random.dirichlet(np.full(most, 2)))
    habits = {g: random.dirichlet(np.full(classes, 0.7)) for g in values}
    labels = np.array([random.choice(classes, p=habits[g]) for g in groups])
    folds = min(folds, len(np.unique(groups)))
    print(count, classes, folds)
    print(*groups)
    print(*labels)
    print(*folds_of(GroupKFold(folds), labels, groups))
    print(*folds_of(StratifiedGroupKFold(folds), labels, groups))
