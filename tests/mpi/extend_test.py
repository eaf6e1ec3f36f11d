"""A job that extends the one of its results file: more values, points, replicates or epochs. What is
there is kept, and the file and the models are those of the larger job run at once, bit for bit."""

import os
import re
import shutil
import signal
import subprocess

import h5py
import numpy as np

import common
from common import dense, make_job
from kills import ranks_of

ON = ("run", "job.yaml", "-o", "x.h5", "--progress", "lines")


def grid(units=(8, 16), replicates=2, epochs=2, **keys):
    return make_job(model=["flatten", dense("$units", activation="relu"),
                           dense(10, activation="softmax")],
                    train={"shards": 2, "epochs": epochs, **keys.pop("train", {})},
                    sweep={"units": list(units), "replicates": replicates, **keys.pop("sweep", {})},
                    **keys)


def drawn(count, hidden):
    """Points of which some lack a variable."""
    return make_job(
        model=["flatten", {"sequential": "$hidden"}, dense(10, activation="softmax")],
        train={"shards": 2, "optimizer": {"sgd": {"learning_rate": "$rate"}}},
        sweep={"hidden": {name: [{"dense": "$units"}, *rest] for name, rest in hidden.items()},
               "units": [6, 12], "units_2": {"values": [5, 7], "when": {"hidden": "two"}},
               "rate": {"log_uniform": {"low": 0.001, "high": 0.02}}, "count": count,
               "sampler": "sobol"})


ONE, TWO = {"one": []}, {"two": [{"dense": "$units_2"}]}


class ExtendTest(common.ProgramTest):
    def extend(self, job, ranks=None, status=0, arguments=()):
        self.write_job(job)
        return self.lockstep(*ON, *arguments, ranks=ranks, status=status)

    def check_whole(self, job):
        """The results are those of the job run at once, and so are its models."""
        self.write_job(job)
        if not os.path.exists(self.path("whole.h5")):
            self.lockstep("run", "job.yaml", "-o", "whole.h5", "--progress", "none", ranks=2)
        self.assertEqual(common.differing(common.read(self.path("x.h5")),
                                          common.read(self.path("whole.h5"))), [])
        self.assertEqual(sorted(os.listdir(self.path("x"))), sorted(os.listdir(self.path("whole"))))
        for trial in filter(lambda name: name.startswith("trial"), os.listdir(self.path("x"))):
            for name in ("last", "best"):
                self.assertEqual(self.hash_of(f"x/{trial}/{name}.h5"),
                                 self.hash_of(f"whole/{trial}/{name}.h5"), (trial, name))
        self.assertIn("0 of ", self.lockstep(*ON).stdout)

    def hash_of(self, path):
        with h5py.File(self.path(path)) as file:
            return file["lockstep"].attrs["weights_hash"]


class LargerTest(ExtendTest):
    def test_values_and_replicates(self):
        """Trials get other numbers, their folders, too."""
        self.extend(grid(), ranks=2)
        done = self.extend(grid(units=(4, 16, 8), replicates=3), ranks=3)
        self.assertIn("lockstep: x.h5: the job extends that of the file: 5 of 9 trials are new\n",
                      done.stderr)
        self.assertIn("x.h5: 5 of 9 trials to run\n", done.stdout)
        self.check_whole(grid(units=(4, 16, 8), replicates=3))
        with h5py.File(self.path("x.h5")) as file:
            lines = file.attrs["history"].split("\n")
            self.assertRegex(lines[1], r"extended from 4 to 9 trials, of up to 2 epochs, by lockstep")
            self.assertRegex(lines[2], "continued by lockstep")
            self.assertIn("run_2", file["provenance"])
        self.lockstep("report", "x.h5")
        self.lockstep("eval", "x/trial_5/last.h5")

    def test_twice(self):
        """Checkpoints of the first job are used after a second extension, too."""
        self.extend(grid(replicates=1))
        self.extend(grid(units=(4, 8, 16), replicates=1))
        done = self.extend(grid(units=(16, 4, 8), replicates=2, epochs=3), ranks=2)
        self.assertEqual(done.stdout.count(" resumes after epoch=2/3 "), 3, done.stdout)
        self.check_whole(grid(units=(16, 4, 8), replicates=2, epochs=3))

    def test_points(self):
        self.extend(drawn(2, {**ONE, **TWO}))
        done = self.extend(drawn(5, {**ONE, **TWO}), ranks=2)
        self.assertIn("18 of 30 trials are new", done.stderr)
        self.check_whole(drawn(5, {**ONE, **TWO}))

    def test_variable(self):
        """A job without a sweep gets one."""
        self.extend(make_job())
        job = make_job(train={"batch_size": "$batch"}, sweep={"batch": [33, 77], "replicates": 2})
        self.assertIn("3 of 4 trials are new", self.extend(job).stderr)
        self.check_whole(job)

    def test_earlier_version(self):
        """What an earlier version did not record is not made up."""
        self.extend(grid(replicates=1))
        missing = ["best_restored", *(f"{when}_{name}" for when in ("final", "best") for name in
                                      ("loss", "accuracy", "val_loss", "val_accuracy"))]
        with h5py.File(self.path("x.h5"), "r+") as file:
            del file.attrs["digests"]
            for name in missing:
                del file[name]
        larger = grid(units=(4, 8, 16), replicates=1)
        self.assertIn("x.h5: an earlier version wrote it, without digests of the data",
                      self.extend(larger).stderr)
        whole = self.run_job(larger)
        self.assertEqual(common.differing(common.read(self.path("x.h5")), whole), sorted(missing))
        self.lockstep("report", "x.h5")

    def test_order(self):
        """The same trials, in another order."""
        self.extend(grid())
        done = self.extend(grid(units=(16, 8)))
        self.assertIn("x.h5: 0 of 4 trials to run\n", done.stdout)
        self.check_whole(grid(units=(16, 8)))


class LongerTest(ExtendTest):
    """More epochs: trials resume from their checkpoints."""

    def longer(self, before, after, resumed):
        self.extend(before)
        done = self.extend(after, ranks=2)
        self.assertEqual(re.findall(r"resumes after epoch=(\d+/\d+)", done.stdout), resumed)
        self.check_whole(after)

    def test_last_weights(self):
        self.longer(grid(replicates=1), grid(epochs=5, replicates=1), ["2/5", "2/5"])

    def test_average(self):
        """Training that has ended with the average of the weights resumes from the weights."""
        train = {"optimizer": {"sgd": {"learning_rate": 0.1, "use_ema": True}}}
        self.longer(grid(train=train, replicates=1), grid(train=train, epochs=3, replicates=1),
                    ["2/3", "2/3"])

    def test_best_weights(self):
        """Trials that have ended with the weights of an earlier epoch resume from that; those that
        stopped early have ended."""
        stopping = {"early_stopping": {"monitor": "val_loss", "patience": 2, "min_delta": 0.002,
                                       "restore_best_weights": True},
                    "reduce_lr_on_plateau": {"monitor": "val_loss", "patience": 1},
                    "optimizer": {"nadam": {"learning_rate": "$rate"}}}
        settings = {"units": [8], "train": stopping, "sweep": {"rate": [0.002, 0.03, 0.3]},
                    "replicates": 1}
        self.extend(grid(epochs=9, **settings))
        before = common.states(common.read(self.path("x.h5")))
        settings["train"] = dict(stopping)
        settings["sweep"] = {"rate": [0.002, 0.03, 0.3]}
        self.assertEqual(set(before), {"done", "stopped_early"})
        done = self.extend(grid(epochs=14, **settings), ranks=2)
        self.assertEqual(done.stdout.count(" resumes after "), before.count("done"), done.stdout)
        settings["train"] = dict(stopping)
        settings["sweep"] = {"rate": [0.002, 0.03, 0.3]}
        self.check_whole(grid(epochs=14, **settings))

    def test_without_checkpoints(self):
        """Trials without files are trained again from their beginning."""
        self.extend(grid(replicates=1))
        shutil.rmtree(self.path("x/trial_1"))
        done = self.extend(grid(epochs=3, replicates=1))
        self.assertEqual(done.stdout.count(" resumes after "), 1)
        self.check_whole(grid(epochs=3, replicates=1))

    def test_schedule_of_its_own(self):
        """With a length that is given, a schedule does not depend on train.epochs."""
        rate = {"cosine_decay": {"initial_learning_rate": 0.1, "decay_steps": 60}}
        train = {"optimizer": {"sgd": {"learning_rate": rate}}}
        self.longer(grid(train=train, replicates=1), grid(train=train, epochs=3, replicates=1),
                    ["2/3", "2/3"])


class SearchTest(ExtendTest):
    """More points, replicates or epochs of a search: its decisions are taken again, and are those
    of the larger search run at once. Trials that it promotes resume, or are trained again where
    they have no checkpoint; those that it would have left out stay trained."""

    RATES = [1e-4, 0.03, 3e-4, 1e-2]  # of the smaller search; its best point is the second
    BETTER = [0.3, 1e-3, 0.2, 0.1, 3e-3]

    def search(self, rates, replicates=1, epochs=4, search=None, **keys):
        return make_job(model=["flatten", dense(8, activation="relu"),
                               dense(10, activation="softmax")],
                        train={"shards": 2, "epochs": epochs, "optimizer": {"sgd": "$rate"}},
                        sweep={"rate": list(rates), "replicates": replicates},
                        search=search or {"successive_halving": {"reduction_factor": 2}}, **keys)

    def check_search(self, job):
        """Compares with the job run at once; returns the number of trials with more epochs."""
        self.write_job(job)
        self.lockstep("run", "job.yaml", "-o", "whole.h5", "--progress", "none", ranks=2)
        own, whole = (common.read(self.path(name)) for name in ("x.h5", "whole.h5"))
        with h5py.File(self.path("x.h5")) as file, h5py.File(self.path("whole.h5")) as other:
            for name, item in other["search"].items():
                np.testing.assert_array_equal(file[f"search/{name}"][()], item[()], name)
        known = ~np.isnan(whole["loss"])
        for curve in ("loss", "accuracy", "val_loss", "val_accuracy"):
            np.testing.assert_array_equal(own[curve][known], whole[curve][known])
        done = whole["status"] == 2
        self.assertTrue(done.any())
        np.testing.assert_array_equal(own["weights_hash"][done], whole["weights_hash"][done])
        self.assertTrue((own["status"][done] == 2).all())
        self.assertEqual(set(own["status"].flat), set(whole["status"].flat))
        self.assertIn("0 of ", self.lockstep(*ON).stdout)
        return int((own["epochs_run"] > whole["epochs_run"]).sum())

    def test_points(self):
        """The points of the smaller search change places, and its best one is not the best."""
        self.extend(self.search(self.RATES), ranks=2)
        larger = self.search([*self.BETTER, *self.RATES])
        self.write_job(larger)
        self.assertIn("x.h5: 1 of 9 trials are done, 5 will run; 3 were pruned: these continue if "
                      "the search now promotes them; the file has 4 trials so far\n",
                      self.lockstep("check", "job.yaml", "-o", "x.h5").stdout)
        self.assertIn("5 of 9 trials are new", self.extend(larger, ranks=2).stderr)
        self.assertGreater(self.check_search(larger), 0)

    def test_pruned_points_resume(self):
        """More of the same places: a point that was left out is promoted now."""
        self.extend(self.search([*self.BETTER[:2], *self.RATES[1:3]]))
        larger = self.search([1e-7, *self.BETTER[:2], 1e-6, *self.RATES[1:3], 1e-5, 2e-6])
        self.assertIn(" resumes after epoch=1/4 ", self.extend(larger).stdout)
        self.check_search(larger)

    def test_without_checkpoints(self):
        smaller = self.search([*self.BETTER[:2], *self.RATES[1:3]], keep_models="none")
        self.extend(smaller)
        larger = self.search([1e-7, *self.BETTER[:2], 1e-6, *self.RATES[1:3], 1e-5, 2e-6],
                             keep_models="none")
        self.extend(larger)
        self.check_search(larger)

    def test_replicates(self):
        self.extend(self.search(self.RATES))
        self.extend(self.search(self.RATES, replicates=3), ranks=3)
        self.check_search(self.search(self.RATES, replicates=3))

    def test_longer(self):
        """More epochs add rungs."""
        for search in (None, "hyperband", {"median_stopping": {"startup_points": 2}}):
            with self.subTest(search=search):
                self.extend(self.search(self.RATES, search=search))
                self.extend(self.search(self.RATES, epochs=7, search=search), ranks=2)
                self.check_search(self.search(self.RATES, epochs=7, search=search))
            self.remove_results("x.h5")
            self.remove_results("whole.h5")

    def test_adopted(self):
        """The finished trials of another search count like its own."""
        self.write_job(self.search(self.RATES, name="older"))
        self.lockstep("run", "job.yaml", "-o", "old.h5", "--progress", "none")
        larger = self.search([*self.BETTER, *self.RATES])
        done = self.extend(larger, arguments=["--adopt", "old.h5"], ranks=2)
        self.assertIn("x.h5: 1 of 9 trials adopted from old.h5\n", done.stderr)
        self.check_search(larger)

    def test_unfinished(self):
        """A search that was killed."""
        self.write_job(self.search(self.RATES))
        process = self.start(*ON, ranks=2)
        for _ in range(5):
            process.stdout.readline()
        for rank in ranks_of(process).values():
            os.kill(rank, signal.SIGKILL)
        process.communicate()
        larger = self.search([*self.BETTER, *self.RATES])
        self.extend(larger, ranks=2)
        self.check_search(larger)


class RefusedTest(ExtendTest):
    """The file keeps every bit."""

    def check(self, before, cases):
        self.extend(before)
        with open(self.path("x.h5"), "rb") as file:
            content = file.read()
        for ranks, job, says in cases:
            with self.subTest(says):
                done = self.extend(job, ranks=ranks, status=2)
                self.assertIn("lockstep: x.h5: holds the results of another job: " + says + " (",
                              "\n".join(self.complaints(done)))
                with open(self.path("x.h5"), "rb") as file:
                    self.assertEqual(file.read(), content)
                self.assertEqual(sorted(os.listdir(self.folder)), ["job.yaml", "x", "x.h5", "x.status"])

    def test_keys(self):
        self.check(grid(), [
            (None, grid(replicates=1), "sweep.replicates: 2 in the file, 1 in the job"),
            (2, grid(units=(8, 4)), "sweep.units[1]: 16 in the file, 4 in the job"),
            (None, grid(epochs=1), "train.epochs: 2 in the file, 1 in the job"),
            (3, grid(replicates=3, train={"batch_size": 78, "seed": 4}),
             "train.batch_size: 77 in the file, 78 in the job; train.seed: 3 in the file, 4 in the "
             "job"),
            (None, grid(replicates=4, train={"batch_size": "$batch"}, sweep={"batch": [70, 80]}),
             "train.batch_size: 77 in the file, \"$batch\" in the job; sweep.batch: not in the file, "
             "[70, 80] in the job"),
        ])

    def test_schedule(self):
        """The rates of the epochs that are trained would have been others."""
        for name in ("cosine_decay", "polynomial_decay"):
            rate = {"warmup": {"warmup_steps": 5, "then": {name: {"initial_learning_rate": 0.1}}}}
            train = {"optimizer": {"sgd": {"learning_rate": rate}}}
            key = f"train.optimizer.sgd.learning_rate.warmup.then.{name}.decay_steps"
            self.check(grid(train=train, replicates=1), [
                (None, grid(train=train, epochs=3, replicates=1),
                 f"train.epochs: 2 in the file, 3 in the job, on which {key} depends")])
            self.remove_results("x.h5")

    def test_folds(self):
        folds = {"dataset": {"validation": "folds"}}
        self.check(grid(sweep={"folds": 2}, replicates=1, **folds), [
            (None, grid(sweep={"folds": 3}, replicates=1, **folds),
             "sweep.folds: 2 in the file, 3 in the job")])

    def test_search(self):
        """Its own keys stay as they are."""
        search = {"search": {"successive_halving": {"rungs": [1]}}}
        self.check(grid(replicates=1, **search), [
            (None, grid(units=(8, 16, 4), replicates=1,
                        search={"successive_halving": {"rungs": [1], "reduction_factor": 2}}),
             "search.successive_halving.reduction_factor: 3 in the file, 2 in the job"),
            (None, grid(replicates=1), "search: {successive_halving: {min_epochs: 1, "
             "reduction_factor: 3, ru... in the file, not in the job")])

    def test_slices(self):
        """Trials of slices would not be those of the others, and models of the whole job would be
        replaced."""
        self.extend(grid(), arguments=["--slice", "1/2"])
        self.assertIn("x/slice_1_of_2.h5: holds the results of another job: sweep.replicates: 2 in "
                      "the file, 3 in the job (expected the same job, or another file",
                      self.extend(grid(replicates=3), arguments=["--slice", "1/2"], status=2).stderr)
        self.extend(grid(), arguments=["--merge"])
        self.assertIn("x.h5: holds the results of another job: sweep.replicates: 2 in the file, 3 "
                      "in the job (expected the same job, or another file",
                      self.extend(grid(replicates=3), arguments=["--slice", "1/3"], status=2).stderr)
        self.extend(grid(replicates=3))
        self.check_models(grid(replicates=3))

    def check_models(self, job):
        for ending in ("h5", "status"):
            os.remove(self.path(f"x/slice_1_of_2.{ending}"))
        self.check_whole(job)


class CheckTest(ExtendTest):
    """What `check` says before a run."""

    def check(self, job, *arguments):
        self.write_job(job)
        return self.lockstep("check", "job.yaml", *arguments).stdout

    def listed(self, output):
        """The numbers of the trials that will run."""
        return sorted(int(number) for number in
                      re.findall(r"^ +(\d+)  units=", output.partition("they start:")[2], re.M))

    def test_larger(self):
        self.assertNotIn("trials are done", self.check(grid(), "-o", "x.h5"))
        self.extend(grid())
        larger = grid(units=(4, 8, 16), replicates=3)
        output = self.check(larger, "-o", "x.h5")
        self.assertIn("x.h5: 4 of 9 trials are done, 5 will run; the file has 4 trials so far\n",
                      output)
        self.assertEqual(self.listed(output), [1, 2, 3, 6, 9])
        self.extend(larger)
        output = self.check(larger, "-o", "x.h5")
        self.assertIn("x.h5: 9 of 9 trials are done, 0 will run\n", output)
        self.assertEqual(self.listed(output), [])

    def test_longer(self):
        self.write_job(grid())
        self.lockstep("run", "job.yaml")
        self.assertIn("results/small.h5: 0 of 4 trials are done, 4 will run, 4 of these from their "
                      "checkpoints\n", self.check(grid(epochs=4)))

    def test_refused(self):
        self.extend(grid())
        self.assertIn("note: a run is refused: x.h5: holds the results of another job: "
                      "train.seed: 3 in the file, 4 in the job (",
                      self.check(grid(train={"seed": 4}), "-o", "x.h5"))
        with open(self.path("x.h5"), "w", encoding="utf-8") as file:
            file.write("years of work")
        self.assertIn("note: a run is refused: x.h5: cannot open as HDF5",
                      self.check(grid(), "-o", "x.h5"))


class AdoptTest(ExtendTest):
    """Trials of another job's file, where the jobs have some in common."""

    def train(self, job, output):
        self.write_job(job, "other.yaml")
        self.lockstep("run", "other.yaml", "-o", output, "--progress", "none", ranks=2)

    def adopt(self, job, *files, status=0, ranks=None):
        return self.extend(job, ranks=ranks, status=status,
                           arguments=[word for file in files for word in ("--adopt", file)])

    def test_new_file(self):
        """Of a job with another name and other points; the file and its models are only read."""
        self.train(grid(units=(16, 12), replicates=3, name="older"), "old.h5")
        with open(self.path("old.h5"), "rb") as file:
            before = file.read()
        done = self.adopt(grid(units=(8, 16)), "old.h5", ranks=2)
        self.assertIn("lockstep: x.h5: 2 of 4 trials adopted from old.h5\n", done.stderr)
        self.assertIn("x.h5: 2 of 4 trials to run\n", done.stdout)
        with h5py.File(self.path("x.h5")) as file:
            lines = file.attrs["history"].split("\n")
        self.assertEqual(len(lines), 2)
        self.assertRegex(lines[1], "2 trials adopted from old.h5 by lockstep run .* --adopt old.h5")
        with open(self.path("old.h5"), "rb") as file:
            self.assertEqual(file.read(), before)
        shutil.rmtree(self.path("old"))
        os.remove(self.path("old.h5"))
        self.check_whole(grid(units=(8, 16)))

    def test_existing_file(self):
        """Trials that the file has already are kept; the command may be repeated."""
        self.extend(grid(units=[8], replicates=1))
        self.train(grid(units=(8, 4), replicates=1, name="older"), "old.h5")
        larger = grid(units=(4, 8), replicates=2)
        self.assertIn("x.h5: 1 of 4 trials adopted", self.adopt(larger, "old.h5").stderr)
        self.assertIn("x.h5: 0 of 4 trials adopted", self.adopt(larger, "old.h5").stderr)
        self.check_whole(larger)

    def test_longer(self):
        """Trials of fewer epochs resume; those without checkpoints are not adopted."""
        self.train(grid(replicates=1, name="older"), "old.h5")
        shutil.rmtree(self.path("old/trial_2"))
        done = self.adopt(grid(epochs=4, replicates=1), "old.h5", ranks=2)
        self.assertIn("x.h5: 1 of 2 trials adopted", done.stderr)
        self.assertEqual(done.stdout.count(" resumes after epoch=2/4 "), 1)
        self.check_whole(grid(epochs=4, replicates=1))

    def test_refused(self):
        """No results file is made."""
        self.train(grid(replicates=1, name="older"), "old.h5")
        shutil.copy(common.digits(), self.path("data.h5"))
        self.train(grid(replicates=1, dataset={"file": "data.h5"}), "data_old.h5")
        with h5py.File(self.path("data.h5"), "r+") as file:
            file["train/x"][0] += 1
        with h5py.File(self.path("no_digests.h5"), "w") as copy, \
                h5py.File(self.path("old.h5")) as file:
            copy.attrs["job"] = file.attrs["job"]
        for job, file, says in (
                (grid(train={"seed": 4}), "old.h5",
                 "old.h5: its trials are not those of the job: train.seed: 3 in the file, 4 in"),
                (grid(units=(4, 5)), "old.h5", "old.h5: has no trial of the job"),
                (grid(dataset={"file": "data.h5"}), "data_old.h5",
                 "data_old.h5: its data have changed: data.h5: /train/x differs"),
                (grid(), "no_digests.h5", "no_digests.h5: an earlier version wrote it, without "),
                (grid(), "data.h5", "data.h5: is no results file of this program"),
                (grid(), "none.h5", "none.h5: ")):
            with self.subTest(file, says=says):
                self.assertIn("lockstep: " + says, self.adopt(job, file, status=2).stderr)
                self.assertFalse(os.path.exists(self.path("x.h5")))
        self.write_job(grid())
        self.assertIn("run: --adopt goes with the whole job (expected no --slice or --merge)",
                      self.lockstep(*ON, "--adopt", "old.h5", "--slice", "1/2", status=2).stderr)


class InterruptedTest(ExtendTest):
    """Jobs are extended while they are interrupted, and extensions are interrupted."""

    def interrupt(self, job, ranks):
        """Runs the job until a trial is done and another has begun, then kills it."""
        self.write_job(job)
        process = self.start(*ON, "--checkpoint-every", "5steps", ranks=ranks)
        shown = ""
        while "status=done" not in shown or " epoch=" not in shown.rpartition("status=done")[2]:
            line = process.stdout.readline()
            self.assertTrue(line, shown)
            shown += line
        process.kill()
        process.communicate(timeout=60)
        self.wait_until(lambda: not self.is_running())

    @staticmethod
    def is_running():
        """No rank of mpirun is left."""
        return subprocess.run(["pgrep", "-f", "x.h5 --progress lines --checkpoint-every 5steps"],
                              stdout=subprocess.DEVNULL, check=False).returncode == 0

    def test_killed(self):
        self.interrupt(grid(epochs=20, replicates=3), ranks=2)
        self.interrupt(grid(epochs=20, units=(4, 8, 16), replicates=4), ranks=None)
        larger = grid(epochs=22, units=(16, 4, 8), replicates=4)
        self.interrupt(larger, ranks=2)
        self.extend(larger, ranks=3)
        self.check_whole(larger)

    def test_stopped(self):
        """Stopped between the steps of an epoch, of a job of fewer epochs."""
        self.write_job(grid(epochs=200, units=[8], replicates=1))
        process = self.start(*ON)
        while " epoch=" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75)
        larger = grid(epochs=201, units=(16, 8), replicates=1)
        self.assertIn("trial=2/2 units=8 replicate=0 resumes after ",
                      self.extend(larger, ranks=2, arguments=["--spread", "never"]).stdout)
        self.check_whole(larger)

    def test_failing_renames(self):
        """Each rename of the file, and of folders to their new numbers, is one after which the run
        may end; from each the next run completes the job."""
        self.extend(grid(replicates=1))
        shutil.copytree(self.path("x"), self.path("kept"))
        shutil.copy(self.path("x.h5"), self.path("kept.h5"))
        larger = grid(units=(4, 16, 8), replicates=1)
        self.check_fails(larger, 1, "x.h5")
        for number in range(2, 20):
            failed = self.check_fails(larger, number, None)
            self.extend(larger)
            self.check_whole(larger)
            if not failed:
                break
        self.assertGreater(number, 6)

    def check_fails(self, job, number, expected):
        """Runs the extension with all renames failing from this number on; returns whether that
        happened before the first trial was trained."""
        for name in ("x", "x.h5", "x.h5.lock"):
            shutil.rmtree(self.path(name), ignore_errors=True)
            if os.path.exists(self.path(name)):
                os.remove(self.path(name))
        shutil.copytree(self.path("kept"), self.path("x"))
        shutil.copy(self.path("kept.h5"), self.path("x.h5"))
        self.write_job(job)
        faults = {"LD_PRELOAD": common.library("inject"), "FAULTS_FOLDER": self.folder,
                  "FAULTS_RANK": "0", "FAULTS_KIND": "rename", "FAULTS_AT": str(number),
                  "FAULTS_LASTING": "1", "FAULTS_ERROR": "5"}
        options = self.options()
        options["env"] = {**options["env"], **faults}
        done = subprocess.run([common.LOCKSTEP, *ON], capture_output=True, check=False, **options)
        if expected:
            self.assertIn(expected, done.stderr)
            self.assertEqual(common.states(common.read(self.path("x.h5"))), ["done"] * 2)
        self.assertNotEqual(done.returncode, 0, done.stdout + done.stderr)
        return "trials to run" not in done.stdout


if __name__ == "__main__":
    common.main()
