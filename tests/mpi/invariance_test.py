"""Results do not depend on the number of ranks, nor on how samples and gradients are exchanged."""

import itertools

import common
from common import dense, make_job

REGULARIZED = [
    "flatten",
    dense(24, activation="relu", kernel_regularizer={"l2": 1e-4}),
    {"dropout": {"rate": 0.2}},
    dense(12, activation="tanh", kernel_regularizer={"l1_l2": {"l1": 1e-5, "l2": 1e-4}}),
    dense(10, activation="softmax"),
]
# Statistics of the minibatch, running means of them.
NORMALIZED = [
    {"max_pooling2d": {"pool_size": 2}},
    {"batch_normalization": {"momentum": 0.9}},
    {"average_pooling2d": {"pool_size": 3, "strides": 2, "padding": "same"}},
    "flatten",
    {"dropout": 0.2},
    dense(24, activation="relu"),
    {"batch_normalization": {"momentum": 0.8, "scale": False}},
    dense(10, activation="softmax"),
]
# Long enough for several buckets of what is sent in backward, even on four ranks.
LONG = [
    "flatten",
    dense(100, activation="relu", trainable=False),
    {"batch_normalization": {"momentum": 0.9}},
    dense(1100, activation="relu", kernel_regularizer={"l2": 1e-4}),
    {"dropout": 0.2},
    dense(90, activation="tanh"),
    {"batch_normalization": {"momentum": 0.8}},
    dense(10, activation="softmax"),
]
SCHEDULED = {"sgd": {"learning_rate": {"cosine_decay": {"initial_learning_rate": 0.1}},
                     "momentum": 0.9, "nesterov": True}}
# Optimisers that look at norms before anything is updated.
BY_NORM = [
    {"adam": {"learning_rate": 0.003, "global_clipnorm": 0.5}},
    {"sgd": {"learning_rate": 0.1, "momentum": 0.9, "clipnorm": 0.2}},
    {"lars": {"learning_rate": 0.1, "trust_coefficient": 0.05, "weight_decay": 1e-4}},
    {"lamb": {"learning_rate": 0.01, "weight_decay": 0.01, "global_clipnorm": 0.5}},
]


class FixedShardsTest(common.ProgramTest):
    """With train.shards: the same bits on any number of ranks."""

    def compare(self, job, ranks=(1, 2, 3, 4), reductions=("auto", "exchange")):
        reference = None
        for count, reduction in itertools.product(ranks, reductions):
            with self.subTest(ranks=count, reduction=reduction):
                job["train"]["reduction"] = reduction
                # One group of all ranks.
                job["sweep"] = {**job.get("sweep", {}), "ranks_per_trial": count}
                fields = self.run_job(job, ranks=count)
                self.assertEqual(set(common.states(fields)), {"done"})
                reference = reference or fields
                self.assertEqual(common.differing(fields, reference), [])
        return reference

    def test_everything_on(self):
        job = make_job(model=REGULARIZED, train={"shards": 4, "optimizer": SCHEDULED})
        fields = self.compare(job)
        self.assertGreater(fields["val_accuracy"][-1], 0.5)

    def test_metrics(self):
        """Metrics of counts and of several sums."""
        metrics = ["accuracy", "precision", {"recall": {"average": "weighted"}}, "f1", "auc",
                   "pr_auc", {"cohen_kappa": "quadratic"}, "r2", "root_mean_squared_error"]
        job = make_job(model=REGULARIZED, train={"shards": 4, "epochs": 1, "metrics": metrics})
        fields = self.compare(job, ranks=(1, 3, 4), reductions=["auto"])
        self.assertGreater(fields["val_auc"][-1], fields["val_f1"][-1])
        self.assertGreater(fields["val_f1"][-1], 0.4)

    def test_many_more_ranks_than_cores(self):
        self.compare(make_job(model=REGULARIZED,
                              train={"shards": 64, "batch_size": 128, "epochs": 1}),
                     ranks=(1, 64))

    def test_shards_of_unequal_rank_shares(self):
        self.compare(make_job(model=REGULARIZED, train={"shards": 5, "batch_size": 100}))

    def test_fraction(self):
        """Training and validation samples come from one part of the file; neither count is a
        multiple of the ranks."""
        self.compare(make_job(dataset={"validation": 0.13}, train={"shards": 4}))

    def test_folds(self):
        fields = self.compare(make_job(dataset={"validation": "folds"},
                                       train={"shards": 4, "epochs": 1},
                                       sweep={"folds": 3, "replicates": 2}), reductions=["auto"])
        self.assertEqual(fields["loss"].shape, (2, 3, 1))
        self.assertEqual(len(set(fields["weights_hash"].flat)), 6)

    def test_transforms(self):
        """What transforms learn from the training samples does not depend on which ranks store
        these."""
        job = make_job(dataset={"validation": 0.2, "transform": [
            {"pixel_permutation": {"seed": 1}}, {"pca": {"components": 25}}, "standardization"]},
            train={"shards": 4, "epochs": 1})
        fields = self.compare(job, ranks=(1, 2, 4))
        self.assertGreater(fields["val_accuracy"][-1], 0.5)

    def test_subset_and_folds_by_class(self):
        job = make_job(dataset={"validation": "folds", "transform": ["standardization"],
                                "subset": {"train": 0.1, "stratified": True, "seed": 2}},
                       train={"shards": 4, "epochs": 1}, sweep={"folds": 3})
        fields = self.compare(job, ranks=(1, 3), reductions=["auto"])
        self.assertEqual(len(set(fields["weights_hash"].flat)), 3)

    def test_fewer_samples_than_shards(self):
        """Shards without samples, ranks without samples, a smaller last batch."""
        job = make_job(dataset={"validation": 0.98}, train={"shards": 4, "epochs": 3})
        for batch in (2, 3, 7):
            with self.subTest(batch=batch):
                job["train"]["batch_size"] = batch
                self.compare(job, ranks=(1, 3, 4))

    def test_running_means(self):
        fields = self.compare(make_job(model=NORMALIZED, train={"shards": 4}))
        self.assertGreater(fields["val_accuracy"][-1], 0.7)

    def test_running_means_of_empty_shards(self):
        """Means are over the existing samples, whichever shards have them: of 60 samples the last
        minibatch of an epoch has 3, which leaves a shard empty."""
        job = make_job(model=NORMALIZED, dataset={"validation": 0.98},
                       train={"shards": 4, "epochs": 3, "batch_size": 57})
        self.compare(job, ranks=(1, 3))

    def test_norms(self):
        for optimizer, shards in zip(BY_NORM, (4, 3, 4, 5)):
            with self.subTest(optimizer=optimizer):
                job = make_job(model=REGULARIZED, train={"shards": shards, "optimizer": optimizer})
                fields = self.compare(job, ranks=(1, 2, 4))
                self.assertGreater(fields["val_accuracy"][-1], 0.5)

    def test_divided_layers(self):
        """The ranks of a node divide dense layers by units, of small minibatches: with norms,
        penalties, a smaller last batch, empty shards, and compared with messages, where they divide
        nothing."""
        for shards, optimizer, ranks in ((4, SCHEDULED, (1, 2, 3, 4)), (5, BY_NORM[3], (1, 2)),
                                         (8, BY_NORM[1], (1, 3))):
            with self.subTest(shards=shards):
                job = make_job(model=LONG, dataset={"subset": {"train": 333}},
                               train={"shards": shards, "epochs": 2, "batch_size": 16,
                                      "optimizer": optimizer})
                self.compare(job, ranks=ranks)

    def test_buckets(self):
        """Several buckets sent during backward, by ranks with several shards or none, some of them
        empty in the last batch of an epoch."""
        for shards, optimizer, ranks in ((7, SCHEDULED, (1, 2, 3, 4)), (2, BY_NORM[0], (1, 3)),
                                         (8, BY_NORM[3], (1, 4))):
            with self.subTest(shards=shards):
                job = make_job(model=LONG, dataset={"subset": {"train": 903}},
                               train={"shards": shards, "epochs": 3, "batch_size": 100,
                                      "optimizer": optimizer})
                fields = self.compare(job, ranks=ranks)
                self.assertGreater(fields["val_accuracy"][-1], 0.4)

    def test_heads(self):
        """Backward passes through the heads one after the other, then through the layers before
        them."""
        job = make_job(model=LONG[:-1], train={"shards": 4, "epochs": 1})
        del job["train"]["loss"]
        job["heads"] = {
            "one": {"layers": [dense(300, activation="relu"), LONG[-1]],
                    "loss": "categorical_crossentropy"},
            "image": {"layers": [dense(784)], "target": "input", "loss": "mean_squared_error"},
            "two": {"layers": [LONG[-1]], "loss": "categorical_crossentropy"}}
        self.compare(job, ranks=(1, 2, 3), reductions=("auto", "exchange"))

    def test_diverging(self):
        """The losses of a step are examined when its gradients have been sent already."""
        job = make_job(model=LONG, train={"shards": 3, "optimizer": {"sgd": {"learning_rate": 1e30}}})
        reference = None
        for ranks, reduction in ((1, "auto"), (2, "exchange"), (3, "exchange")):
            job["train"]["reduction"] = reduction
            job["sweep"] = {"ranks_per_trial": ranks}
            fields = self.run_job(job, ranks=ranks, status=1)
            self.assertEqual(common.states(fields), ["diverged"])
            reference = reference or fields
            self.assertEqual(common.differing(fields, reference), [])

    def test_plateau(self):
        """Nothing improves by as much as 100: the rate is halved from epoch 2 on."""
        plateau = {"patience": 1, "factor": 0.5, "min_delta": 100, "min_lr": 0.03}
        job = make_job(train={"shards": 2, "epochs": 5, "reduce_lr_on_plateau": plateau})
        fields = self.compare(job, ranks=(1, 2), reductions=["auto"])
        self.assertEqual(fields["learning_rate"].tolist(), [0.1, 0.1, 0.05, 0.03, 0.03])
        del job["train"]["reduce_lr_on_plateau"], job["sweep"]
        plain = self.run_job(job)
        same = plain["loss"] == fields["loss"]
        self.assertEqual(same.tolist(), [True, True, False, False, False])


class ShardsLeftOutTest(common.ProgramTest):
    """Without train.shards: their number follows from the batch."""

    def test_number(self):
        for batch, shards in ((15, 1), (16, 2), (32, 4), (127, 4), (128, 8), (300, 16)):
            job = make_job(train={"batch_size": batch, "epochs": 1})
            self.assertEqual(self.run_job(job)["shards"], shards, batch)

    def test_ranks(self):
        """One result, on three ranks as on one, also by way of several layouts."""
        job = make_job(model=NORMALIZED, train={"batch_size": 100})
        reference = self.run_job(job)
        for ranks in (2, 3, 4):
            job["sweep"] = {"ranks_per_trial": ranks}
            fields = self.run_job(job, ranks=ranks)
            self.assertEqual(common.differing(fields, reference), [])

    def test_more_ranks_than_samples(self):
        """A batch of 2 on 4 ranks: three of them have no samples, and none waits for ever; a
        warning says so."""
        job = make_job(model=NORMALIZED, dataset={"validation": 0.98}, train={"batch_size": 2},
                       sweep={"ranks_per_trial": 4})
        done = self.lockstep("run", self.write_job(job), "-o", "results.h5", ranks=4)
        self.assertIn("with 4 ranks per trial some have no samples, as a minibatch has only 1 shard",
                      done.stderr)
        self.assertEqual(common.states(common.read(self.path("results.h5"))), ["done"])

    def test_statistics_of_shards(self):
        """`synchronized: false`: the same on any number of ranks, and not those of the whole."""
        own = {"batch_normalization": {"momentum": 0.9, "synchronized": False}}
        job = make_job(model=[own if isinstance(layer, dict) and "batch_normalization" in layer
                              else layer for layer in NORMALIZED])
        reference = self.run_job(job)
        job["sweep"] = {"ranks_per_trial": 3}
        self.assertEqual(common.differing(self.run_job(job, ranks=3), reference), [])
        self.assertNotEqual(reference["weights_hash"],
                            self.run_job(make_job(model=NORMALIZED))["weights_hash"])


class Bfloat16Test(common.ProgramTest):
    def test_ranks(self):
        """On one processor the same on any number of ranks, close to float32 and not the same."""
        job = make_job(model=NORMALIZED, train={"batch_size": 100})
        plain = self.run_job(job)
        job["train"]["precision"] = "bfloat16"
        reference = self.run_job(job)
        job["sweep"] = {"ranks_per_trial": 3}
        self.assertEqual(common.differing(self.run_job(job, ranks=3), reference), [])
        self.assertNotEqual(reference["weights_hash"], plain["weights_hash"])
        for value, expected in zip(reference["loss"], plain["loss"]):
            self.assertAlmostEqual(value, expected, delta=0.02)


class AllreduceTest(common.ProgramTest):
    def test_close_to_the_others(self):
        """MPI chooses the order of sums: the results differ by rounding only."""
        self.compare(make_job(model=REGULARIZED, train={"shards": 4}))

    def test_norms(self):
        self.compare(make_job(model=REGULARIZED, train={"shards": 4, "optimizer": BY_NORM[-1]}))

    def compare(self, job):
        reference = self.run_job(job)
        job["train"]["reduction"] = "allreduce"
        for ranks in (1, 2, 3, 4):
            with self.subTest(ranks=ranks):
                job["sweep"] = {"ranks_per_trial": ranks}
                fields = self.run_job(job, ranks=ranks)
                for curve in ("loss", "val_loss"):
                    for value, expected in zip(fields[curve], reference[curve]):
                        self.assertAlmostEqual(value, expected, delta=1e-4)


if __name__ == "__main__":
    common.main()
