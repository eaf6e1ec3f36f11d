"""Resuming from checkpoints: after kills and interruptions, within an epoch and between epochs, on
other numbers of ranks, from damaged checkpoints; always with the bits of an uninterrupted run."""

import os
import re
import shutil
import signal
import unittest

import h5py

import common
from common import dense, make_job
from kills import children_of


def eventful_job(units=24, **train):
    """A job with everything that training keeps from step to step and from epoch to epoch."""
    return make_job(
        dataset={"validation": 0.2},
        model=["flatten", {"dropout": 0.1}, dense(units, kernel_regularizer={"l2": 1e-4}),
               "batch_normalization", {"activation": "relu"}, dense(10, activation="softmax")],
        train={"shards": 4, "epochs": 25, "batch_size": 48,
               "metrics": ["accuracy", "f1", "auc", "r2"],
               "optimizer": {"nadam": {"learning_rate": 0.02, "clipnorm": 1.0, "use_ema": True,
                                     "ema_overwrite_frequency": 90}},
               "reduce_lr_on_plateau": {"monitor": "val_loss", "patience": 1},
               "early_stopping": {"monitor": "val_loss", "patience": 20,
                                  "restore_best_weights": True}, **train})


class ResumeTest(common.ProgramTest):
    def start_run(self, ranks, *arguments):
        return self.start("run", "job.yaml", "-o", "results.h5", "--progress", "lines", *arguments,
                          ranks=ranks)

    def interrupt(self, ranks, number, epochs=3, every="5steps", arguments=()):
        """Runs until some epochs have been printed, then sends a signal to one of the ranks.
        Returns output, errors, and exit status."""
        process = self.start_run(ranks, "--checkpoint-every", every, *arguments)
        lines, shown = [], 0
        while shown < epochs:
            line = process.stdout.readline()
            if not line:
                self.fail("ended too early:\n" + "".join(lines) + process.stderr.read())
            lines.append(line)
            shown += " loss=" in line
        target = process.pid if ranks is None else self.wait_until(
            lambda: children_of(process.pid))[0]
        os.kill(target, number)
        output, errors = process.communicate(timeout=60)
        return "".join(lines) + output, errors, process.returncode

    def complete(self, ranks, status=0, arguments=()):
        process = self.start_run(ranks, *arguments)
        output, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, status, output + errors)
        return output, errors

    def check_resumes(self, output):
        """Returns the epoch and step after which the run resumes."""
        found = re.search(r" resumes after epoch=(\d+)/\d+ step=(\d+)/\d+", output)
        self.assertTrue(found, output)
        return int(found[1]), int(found[2])

    def check_same(self, job):
        self.assertEqual(common.differing(common.read(self.path("results.h5")),
                                          self.run_job(job, ranks=2)), [])


class UndisturbedTest(ResumeTest):
    """The results are those of an uninterrupted run."""

    def test_killed_and_stopped_on_other_ranks(self):
        job = eventful_job()
        self.write_job(job)
        _, _, status = self.interrupt(4, signal.SIGKILL)
        self.assertNotEqual(status, 0)
        output, errors, status = self.interrupt(None, signal.SIGTERM)
        self.assertEqual(status, 75, output + errors)
        self.check_resumes(output)
        output, _, _ = self.interrupt(2, signal.SIGKILL, epochs=1)
        self.check_resumes(output)
        output, _ = self.complete(3)
        self.check_resumes(output)
        self.check_same(job)

    def test_within_an_epoch(self):
        """A run may be interrupted between any two steps."""
        job = eventful_job(batch_size=8)
        self.write_job(job)
        output, errors, status = self.interrupt(None, signal.SIGUSR1, epochs=1)
        self.assertEqual(status, 75, output + errors)
        steps = set()
        for _ in range(2):
            output, errors, status = self.interrupt(2, signal.SIGTERM, epochs=1)
            steps.add(self.check_resumes(output)[1])
        output, _ = self.complete(4)
        steps.add(self.check_resumes(output)[1])
        self.assertGreater(max(steps), 0)
        self.check_same(job)

    def test_messages_instead_of_shared_memory(self):
        """The vector is partitioned over ranks block-cyclically: on two ranks other than on
        three."""
        job = eventful_job(units=240, epochs=8, reduction="exchange")
        self.write_job(job)
        self.interrupt(3, signal.SIGKILL)
        output, errors, status = self.interrupt(4, signal.SIGTERM, epochs=1)
        self.assertEqual(status, 75, output + errors)
        self.check_resumes(output)
        output, _ = self.complete(2)
        self.check_resumes(output)
        self.check_same(job)

    def test_divided_layers(self):
        """Layers that the ranks of a node divide by units: on no other number of ranks in the same
        way."""
        job = eventful_job(units=240, epochs=8)
        self.write_job(job)
        self.interrupt(3, signal.SIGKILL)
        output, errors, status = self.interrupt(None, signal.SIGTERM, epochs=1)
        self.assertEqual(status, 75, output + errors)
        self.check_resumes(output)
        output, _ = self.complete(2)
        self.check_resumes(output)
        self.check_same(job)

    def test_checkpoints_between_epochs(self):
        job = eventful_job()
        self.write_job(job)
        self.interrupt(2, signal.SIGKILL, epochs=5, every="2epochs")
        output, _ = self.complete(1)
        epoch, step = self.check_resumes(output)
        self.assertEqual((epoch % 2, step), (0, 0))
        self.check_same(job)

    def test_scaled_targets(self):
        """The scaling of targets is that of the checkpoint."""
        with h5py.File(common.digits(), "r") as digits, h5py.File(self.path("v.h5"), "w") as file:
            for part in ("train", "test"):
                file[f"{part}/x"] = digits[f"{part}/x"][:]
                file[f"{part}/y"] = 100 + digits[f"{part}/x"][:].mean(axis=(1, 2))
        job = eventful_job(target_scaling="standardization", loss="mean_squared_error",
                           metrics=["mean_absolute_error"])
        job["dataset"]["file"] = self.path("v.h5")
        job["model"][-1] = dense(1)
        self.write_job(job)
        self.interrupt(2, signal.SIGKILL)
        output, _ = self.complete(3)
        self.check_resumes(output)
        self.check_same(job)


class DamageTest(ResumeTest):
    """A checkpoint that cannot be used is reported, and the one before it is used. Without any the
    trial fails with a message, and the others run."""

    def setUp(self):
        super().setUp()
        self.job = eventful_job()
        self.job["sweep"] = {"replicates": 2, "ranks_per_trial": 1}
        self.write_job(self.job)
        self.interrupt(None, signal.SIGKILL, epochs=4)
        self.last = self.path("results/trial_1/last.h5")
        self.previous = self.path("results/trial_1/previous.h5")

    @staticmethod
    def change(path, change):
        with open(path, "r+b") as file:
            content = bytearray(file.read())
            content = change(content)
            file.seek(0)
            file.truncate()
            file.write(content)

    @staticmethod
    def flip(content):
        content[len(content) // 2] ^= 4
        return content

    def check_previous(self, change, complaint):
        self.change(self.last, change)
        output, errors = self.complete(None)
        self.assertRegex(errors, complaint)
        self.check_resumes(output)
        self.check_same(self.job)

    def test_flipped_bit(self):
        self.check_previous(self.flip, r"warning: results/trial_1/last\.h5: is damaged")

    def test_cut_short(self):
        self.check_previous(lambda content: content[:-64],
                            r"last\.h5: is incomplete: \d+ bytes \(expected \d+\)")

    def test_foreign(self):
        self.check_previous(lambda content: b"something else", r"last\.h5: is not a checkpoint")

    def test_newer(self):
        self.check_previous(lambda content: content.replace(b"CHECKPOINT 1", b"CHECKPOINT 2", 1),
                            r"last\.h5: was written by a newer version .* \(its format is 2, expected")

    def test_missing(self):
        os.remove(self.last)
        output, _ = self.complete(None)
        self.check_resumes(output)
        self.check_same(self.job)

    def test_none_left(self):
        self.change(self.last, self.flip)
        self.change(self.previous, self.flip)
        output, errors = self.complete(None, status=1)
        self.assertIn("results/trial_1: none of its checkpoints can be used (remove the folder",
                      errors)
        self.assertRegex(output, r"trial=2/2 .*status=done")
        fields = common.read(self.path("results.h5"))
        self.assertEqual(common.states(fields)[0], "failed")


class OptionTest(ResumeTest):
    def test_wrong(self):
        self.write_job(eventful_job())
        for text in ("often", "0s", "-1s", "1.5epochs", "3weeks"):
            done = self.lockstep("run", "job.yaml", "--checkpoint-every", text, status=2)
            self.assertEqual(self.complaints(done), [
                f"lockstep: run: --checkpoint-every: '{text}' (expected such as 60s, 500steps or "
                "1epoch)"])

    def test_new_results_begin_anew(self):
        """Without the results file no checkpoint of an older run is used, nor replaced."""
        self.write_job(eventful_job())
        self.interrupt(None, signal.SIGKILL)
        os.remove(self.path("results.h5"))
        for name in os.listdir(self.folder):
            if name.endswith(".lock"):
                os.remove(self.path(name))
        _, errors = self.complete(None, status=2)
        self.assertIn("results.h5: the folder results has models of another results file", errors)
        shutil.rmtree(self.path("results"))
        output, _ = self.complete(None)
        self.assertNotIn("resumes", output)


if __name__ == "__main__":
    common.main()
