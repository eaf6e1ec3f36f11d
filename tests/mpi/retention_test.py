"""keep_models: which models are left when trials have ended; on any number of ranks, and when a job
is continued."""

import os
import re
import signal

import numpy as np

import common

RATES = [0.001, 0.2, 0.05, 0.1, 0.002, 0.5, 0.02, 0.01]


class RetentionTest(common.ProgramTest):
    def job(self, keep, **changes):
        train = {"epochs": 1, "optimizer": {"sgd": {"learning_rate": "$lr"}},
                 **changes.pop("train", {})}
        return common.make_job({"lr": RATES}, train=train, keep_models=keep,
                               dataset={"subset": {"train": 400, "test": 200}}, **changes)

    def kept(self):
        """The numbers of trials with models of the run before, from 0."""
        names = [name for name in os.listdir(self.path(str(self.runs))) if name != "owner"]
        for name in names:
            self.assertIn("last.h5", os.listdir(self.path(os.path.join(str(self.runs), name))))
        return sorted(int(re.fullmatch(r"trial_(\d+)", name).group(1)) - 1 for name in names)

    @staticmethod
    def best(fields, count):
        """The trials with the highest final accuracies; at a tie the earlier ones."""
        return sorted(np.argsort(-fields["final_val_accuracy"], kind="stable")[:count].tolist())

    def test_best(self):
        everything = self.run_job(self.job("all"))
        self.assertEqual(self.kept(), list(range(len(RATES))))
        for ranks, count in ((1, 3), (3, 3), (2, 20)):
            fields = self.run_job(self.job({"best": count}), ranks=ranks)
            self.assertEqual(common.differing(fields, everything), [])
            self.assertEqual(self.kept(), self.best(fields, count))

    def test_none(self):
        fields = self.run_job(self.job("none"), "--checkpoint-every", "1epochs", ranks=2)
        self.assertEqual(common.states(fields), ["done"] * len(RATES))
        self.assertEqual(self.kept(), [])

    def test_worse_trials_are_not_written(self):
        """A trial that is not among the best so far has no folder at any time."""
        job = self.write_job(self.job("none", train={"epochs": 3}))
        self.runs += 1
        process = self.start("run", job, "-o", self.path("1.h5"))
        seen = 0
        for line in process.stdout:
            if " epoch=2/3 " in line:
                self.assertEqual(self.kept(), [])
                seen += 1
        self.assertEqual(process.wait(), 0)
        self.assertEqual(seen, len(RATES))

    def test_continued(self):
        """Models of trials that an earlier run has finished count; the key may change."""
        job = self.job({"best": 3}, train={"epochs": 100})
        self.runs += 1
        process = self.start("run", self.write_job(job), "-o", self.path("1.h5"))
        ended = 0
        while ended < 4:
            ended += " status=done " in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75)
        self.lockstep("run", "job.yaml", "-o", self.path("1.h5"), ranks=3)
        fields = common.read(self.path("1.h5"))
        self.assertEqual(common.states(fields), ["done"] * len(RATES))
        self.assertEqual(self.kept(), self.best(fields, 3))
        self.lockstep("run", "job.yaml", "-o", self.path("1.h5"), "--set", "keep_models={best: 1}")
        self.assertEqual(self.kept(), self.best(fields, 1))

    def test_search(self):
        """Points that a search leaves out have no models; the best of the others have."""
        search = {"successive_halving": {"min_epochs": 1, "reduction_factor": 2}}
        fields = self.run_job(self.job({"best": 1}, train={"epochs": 4}, search=search), ranks=2)
        self.assertEqual(common.states(fields).count("pruned"), 6)
        self.assertEqual(self.kept(), self.best({"final_val_accuracy": np.nan_to_num(
            fields["final_val_accuracy"], nan=-1)}, 1))


if __name__ == "__main__":
    common.main()
