"""Sweeps over groups of ranks: packing, failing trials, resuming, stopping, the lock."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time

import common
from common import dense, make_job
from kills import ranks_of

# Far more weights than any machine's memory holds, so that nothing is touched before it is refused.
IMPOSSIBLE_UNITS = 2_000_000_000

SWEEP = {"l2": [1e-5, 1e-3], "replicates": 2}
PENALIZED = ["flatten", dense(16, activation="relu", kernel_regularizer={"l2": "$l2"}),
             dense(10, activation="softmax")]


def penalized(**changes):
    train = {"shards": 4, **changes.pop("train", {})}
    return make_job(model=PENALIZED, train=train, sweep={**SWEEP, **changes.pop("sweep", {})},
                    **changes)


class PackingTest(common.ProgramTest):
    def test_any_packing(self):
        """Every trial is done, with the same bits, however trials share the ranks. With 3 ranks and
        2 per trial one rank is idle."""
        reference = self.run_job(penalized())
        self.assertEqual(len(set(reference["weights_hash"].flat)), 4)
        for ranks in (1, 2, 3, 4):
            for each in (1, 2, "auto"):
                if each != "auto" and each > ranks:
                    continue
                with self.subTest(ranks=ranks, each=each):
                    fields = self.run_job(penalized(sweep={"ranks_per_trial": each}), ranks=ranks)
                    self.assertEqual(common.states(fields), ["done"] * 4)
                    self.assertEqual(common.differing(fields, reference), [])

    def test_more_groups_than_trials(self):
        job = make_job(train={"shards": 4}, sweep={"ranks_per_trial": 1, "replicates": 2})
        self.assertEqual(common.states(self.run_job(job, ranks=4)), ["done"] * 2)

    def test_done_before(self):
        """The file of a finished job is unchanged by another run, including its end time."""
        self.write_job(make_job())
        self.lockstep("run", "job.yaml", "-o", "x.h5", ranks=2)
        with open(self.path("x.h5"), "rb") as file:
            before = file.read()
        time.sleep(1.1)
        done = self.lockstep("run", "job.yaml", "-o", "x.h5", ranks=2)
        self.assertIn("1 of 1 trials done (1 before)", done.stdout)
        with open(self.path("x.h5"), "rb") as file:
            self.assertEqual(file.read(), before)

    def test_spreading(self):
        """Ranks without a trial join those that have one, with the same bits."""
        train = {"shards": 4, "epochs": "$epochs", "batch_size": 1500}
        self.write_job(make_job(model=["flatten", dense(128), dense(10, activation="softmax")],
                                train=train, sweep={"epochs": [1, 2, 300, 301],
                                                    "ranks_per_trial": 1}))
        once = self.lockstep("run", "job.yaml", "-o", "one.h5", "--spread=never", ranks=4)
        spread = self.lockstep("run", "job.yaml", "-o", "two.h5", "--spread=always", ranks=4)
        said = [re.findall("trials left.*|resumes|4 of 4 trials done", done.stdout)
                for done in (once, spread)]
        self.assertEqual(said[0], ["4 of 4 trials done"])
        self.assertEqual(said[1][:3], ["trials left: 2; ranks per trial: 2", "resumes", "resumes"])
        self.assertEqual(said[1][-1], "4 of 4 trials done")
        one, two = common.read(self.path("one.h5")), common.read(self.path("two.h5"))
        self.assertEqual(common.states(two), ["done"] * 4)
        self.assertEqual(common.differing(two, one), [])
        for text in ("sometimes", ""):
            done = self.lockstep("run", "job.yaml", f"--spread={text}", status=2)
            self.assertRegex(self.complaints(done)[0],
                             r"run: --spread: '.*' \(expected auto, always or never\)")

    def test_too_few_ranks(self):
        job = self.write_job(penalized(sweep={"ranks_per_trial": 3}))
        done = self.lockstep("run", job, "-o", "x.h5", ranks=2, status=2)
        self.assertRegex(done.stderr, r"ranks_per_trial: 3 are more than the 2 ranks")
        self.assertFalse(os.path.exists(self.path("x.h5")))


class DatasetTest(common.ProgramTest):
    def test_datasets_of_a_sweep(self):
        """The dataset is a variable: each trial uses its own, also when trials with different
        numbers of samples follow on the same ranks."""
        other = self.path("other.h5")
        self.lockstep("data", "digits", "--seed", "9", "--train", "800", "--test", "100", "-o", other)
        job = make_job(dataset={"file": "$file"}, train={"shards": 2},
                       sweep={"file": [common.digits(), other], "replicates": 2})
        alone = [self.run_job(make_job(dataset={"file": path}, train={"shards": 2},
                                       sweep={"replicates": 2}))
                 for path in (common.digits(), other)]
        for ranks in (1, 2):
            for each in range(1, ranks + 1):
                job["sweep"]["ranks_per_trial"] = each
                fields = self.run_job(job, ranks=ranks)
                self.assertEqual(common.states(fields), ["done"] * 4)
                for row, expected in enumerate(alone):
                    self.assertEqual(list(fields["weights_hash"][row]),
                                     list(expected["weights_hash"]))


class FailingTrialsTest(common.ProgramTest):
    """One value of the sweep is bad: its trials are recorded as such, the others are done."""

    def check(self, job, expected, ranks, says):
        job["sweep"]["ranks_per_trial"] = min(ranks, 2)
        self.write_job(job)
        done = self.lockstep("run", "job.yaml", "-o", "x.h5", "--progress", "none", ranks=ranks,
                             status=1)
        fields = common.read(self.path("x.h5"))
        self.assertEqual(common.states(fields), expected)
        self.assertEqual(len(set(fields["weights_hash"][fields["status"] == 2])),
                         expected.count("done"))
        lines = self.complaints(done)
        self.assertRegex(lines[-1], says)
        return fields, lines

    def test_divergence(self):
        job = make_job(train={"optimizer": {"sgd": {"learning_rate": "$rate"}}},
                       sweep={"rate": [0.1, 1e30, 0.05]})
        for ranks in (1, 2, 3):
            with self.subTest(ranks=ranks):
                fields, lines = self.check(job, ["done", "diverged", "done"], ranks,
                                           r"of 3 trials 1 diverged and 0 failed")
                self.assertEqual(len(lines), 1)
                self.assertEqual(fields["epochs_run"][1], 1)
                self.remove_results("x.h5")

    def test_failure(self):
        job = make_job(model=["flatten", dense("$units"), dense(10, activation="softmax")],
                       sweep={"units": [8, IMPOSSIBLE_UNITS, 16]})
        for ranks in (1, 2, 3):
            with self.subTest(ranks=ranks):
                fields, lines = self.check(job, ["done", "failed", "done"], ranks,
                                           r"of 3 trials 0 diverged and 1 failed")
                self.assertEqual(len(lines), 2)
                self.assertRegex(lines[0], r"trial 2 units=2000000000 failed: .*memory")
                self.assertEqual(fields["epochs_run"][1], 0)
                self.remove_results("x.h5")

    def test_again(self):
        """Diverged trials are not run again, as they would diverge again; failed ones may
        succeed."""
        job = make_job(train={"optimizer": {"sgd": {"learning_rate": "$rate"}}},
                       sweep={"rate": [0.1, 1e30]})
        self.check(job, ["done", "diverged"], 1, "1 diverged")
        before = common.read(self.path("x.h5"))
        done = self.lockstep("run", "job.yaml", "-o", "x.h5", "--progress", "lines", status=1)
        self.assertIn("0 of 2 trials to run", done.stdout)
        self.assertEqual(common.differing(before, common.read(self.path("x.h5"))), [])


class ContinueTest(common.ProgramTest):
    def test_nothing_to_do(self):
        self.write_job(penalized())
        self.lockstep("run", "job.yaml", ranks=2)
        before = common.read(self.path("results/small.h5"))
        again = self.lockstep("run", "job.yaml", ranks=2)
        self.assertIn("0 of 4 trials to run", again.stdout)
        self.assertIn("4 of 4 trials done (4 before)", again.stdout)
        self.assertNotIn("epoch=", again.stdout)
        after = common.read(self.path("results/small.h5"))
        self.assertEqual(common.differing(before, after), [])
        self.assertEqual(before["trial_seconds"].tobytes(), after["trial_seconds"].tobytes())

    def test_another_job(self):
        """Refused; the file keeps every bit."""
        self.write_job(penalized())
        self.lockstep("run", "job.yaml")
        with open(self.path("results/small.h5"), "rb") as file:
            before = file.read()
        for ranks, change, difference in (
                (1, "train.seed=4", "train.seed: 3 in the file, 4 in the job"),
                (2, "sweep.l2=[1e-5,1e-2]", "sweep.l2[1]: 0.001 in the file, 1e-2 in the job")):
            done = self.lockstep("run", "job.yaml", "--set", change, ranks=ranks, status=2)
            self.assertIn("holds the results of another job: " + difference,
                          "\n".join(self.complaints(done)))
            with open(self.path("results/small.h5"), "rb") as file:
                self.assertEqual(before, file.read())
        self.assertEqual(sorted(os.listdir(self.path("results"))), ["small", "small.h5", "small.status"])

    def test_other_layout(self):
        """The packing of the ranks is no part of the identity of a job."""
        self.write_job(penalized())
        self.lockstep("run", "job.yaml", "--set", "sweep.ranks_per_trial=1")
        again = self.lockstep("run", "job.yaml", ranks=3)
        self.assertIn("0 of 4 trials to run", again.stdout)

    def test_not_a_results_file(self):
        self.write_job(penalized())
        shutil.copy(common.digits(), self.path("data.h5"))
        done = self.lockstep("run", "job.yaml", "-o", "data.h5", status=2)
        self.assertIn("data.h5: is no results file", done.stderr)
        with open(self.path("text.h5"), "w", encoding="utf-8") as file:
            file.write("years of work")
        done = self.lockstep("run", "job.yaml", "-o", "text.h5", status=2)
        self.assertIn("text.h5: cannot open as HDF5", done.stderr)
        with open(self.path("text.h5"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "years of work")


class StopTest(common.ProgramTest):
    """When asked to stop, a run keeps finished trials and leaves the rest to the next run."""

    # The ranks (None: without mpirun), the signal, the exit status. mpirun forwards SIGUSR1, and has
    # an exit status of its own after SIGTERM.
    CASES = [(None, signal.SIGTERM, 75), (None, signal.SIGINT, 75), (2, signal.SIGUSR1, 75),
             (2, signal.SIGTERM, 1)]

    def start_training(self, ranks):
        """Returns once a trial is done. Nothing is printed: when mpirun is asked to end it stops
        reading, and ranks that print would wait for it."""
        process = self.start("run", "job.yaml", "-o", "x.h5", "--progress", "none", ranks=ranks)
        self.wait_until(lambda: os.path.exists(self.path("x.h5")) and
                        "done" in common.states(common.read(self.path("x.h5"))))
        return process

    def test_stop_and_go_on(self):
        self.write_job(penalized(train={"epochs": 200}, sweep={"replicates": 5}))
        self.lockstep("run", "job.yaml", "-o", "whole.h5", "--progress", "none", ranks=2)
        whole = common.read(self.path("whole.h5"))
        for ranks, number, status in self.CASES:
            with self.subTest(ranks=ranks, signal=number.name):
                process = self.start_training(ranks)
                process.send_signal(number)
                _, errors = process.communicate(timeout=30)
                self.assertEqual(process.returncode, status, errors)
                if ranks is None:
                    self.assertRegex(errors, r"\Alockstep: [^\n]+\n\Z")
                states = set(common.states(common.read(self.path("x.h5"))))
                self.assertEqual(states, {"done", "pending"})
                self.assertFalse(os.path.exists(self.path("x.h5.lock")))
                self.lockstep("run", "job.yaml", "-o", "x.h5", "--progress", "none", ranks=ranks)
                self.assertEqual(common.differing(common.read(self.path("x.h5")), whole), [])
                self.remove_results("x.h5")


class StopOfAllTest(common.ProgramTest):
    """Groups that train without end: when one is asked to stop, all do."""

    def start_training(self, ranks, each):
        """Returns once every group has written a checkpoint."""
        self.write_job(penalized(train={"epochs": 1000000}, sweep={"ranks_per_trial": each}))
        process = self.start("run", "job.yaml", "-o", "x.h5", "--progress", "none",
                             "--checkpoint-every", "20steps", ranks=ranks)
        self.wait_until(lambda: self.checkpoints() == ranks // each, seconds=120)
        return process

    def checkpoints(self):
        return sum(os.path.exists(self.path(f"x/trial_{trial + 1}/last.h5")) for trial in range(4))

    def check_stopped(self, process):
        output, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 75, output + errors)
        states = common.states(common.read(self.path("x.h5")))
        self.assertEqual(set(states), {"pending"})
        return [line for line in errors.splitlines() if line.startswith("lockstep:")]

    def test_signal_to_one_rank(self):
        """A rank of the first group, of the last one, and one without a trial."""
        for ranks, each, target in ((2, 1, 0), (2, 1, 1), (3, 2, 1), (3, 2, 2)):
            with self.subTest(ranks=ranks, each=each, target=target):
                process = self.start_training(ranks, each)
                os.kill(ranks_of(process)[target], signal.SIGUSR1)
                self.assertEqual(self.check_stopped(process), ["lockstep: stopped on request"])
                shutil.rmtree(self.path("x"))
                self.remove_results("x.h5")

    def test_file(self):
        """While the file exists no run resumes; also where rank 0 has no trial."""
        process = self.start_training(2, 1)
        with open(self.path("x.stop"), "w", encoding="utf-8"):
            pass
        self.assertEqual(self.check_stopped(process),
                         ["lockstep: x.stop: this file stops the job; everything is saved (to resume, "
                          "remove it and run the same command)"])
        for ranks, *slices in ((None,), (2,), (None, "--slice=1/2")):
            done = self.lockstep("run", "job.yaml", "-o", "x.h5", *slices, ranks=ranks, status=1)
            self.assertEqual(self.complaints(done),
                             ["lockstep: x.stop: this file stops all runs of the job (remove it to run)"])
            self.assertNotIn("epoch", done.stdout)
        os.remove(self.path("x.stop"))
        process = self.start("run", "job.yaml", "-o", "x.h5", "--progress", "lines", ranks=2)
        self.assertIn("0 of 4 trials done", self.stop_when(process, " resumes after "))

    def stop_when(self, process, text):
        """Interrupts the run once it prints `text`; returns the output."""
        output = ""
        while text not in output:
            line = process.stdout.readline()
            self.assertTrue(line, output)
            output += line
        process.send_signal(signal.SIGUSR1)
        return output + process.communicate(timeout=120)[0]


class LockTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        self.write_job(make_job())

    def write_lock(self, process, host=None):
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            start = file.read().rpartition(")")[2].split()[19]
        with open(self.path("x.h5.lock"), "w", encoding="utf-8") as file:
            file.write(f"host {host or socket.gethostname()} process {process} start {start} "
                       "since 2026-01-01T00:00:00Z\n")

    def refuse(self, ranks=None):
        done = self.lockstep("run", "job.yaml", "-o", "x.h5", ranks=ranks, status=2)
        lines = self.complaints(done)
        self.assertEqual(len(lines), 1)
        self.assertRegex(lines[0], "x.h5: is in use by process")
        self.assertTrue(os.path.exists(self.path("x.h5.lock")))
        self.assertFalse(os.path.exists(self.path("x.h5")))

    def test_live_owner(self):
        self.write_lock(os.getpid())
        self.refuse()
        self.refuse(ranks=2)

    def test_owner_elsewhere(self):
        """Whether a process of another host is alive cannot be known."""
        self.write_lock(os.getpid(), host="elsewhere")
        self.refuse()

    def test_owner_gone(self):
        sleeper = subprocess.Popen(["sleep", "60"])
        self.write_lock(sleeper.pid)
        sleeper.kill()
        sleeper.wait()
        self.lockstep("run", "job.yaml", "-o", "x.h5", ranks=2)
        self.assertFalse(os.path.exists(self.path("x.h5.lock")))

    def test_two_runs(self):
        """The second of two concurrent runs is refused and does not affect the first."""
        arguments = ("run", "job.yaml", "-o", "x.h5", "--progress", "none", "--set",
                     "train.epochs=100000")
        first = self.start(*arguments)
        self.wait_until(lambda: os.path.exists(self.path("x.h5")))
        done = self.lockstep(*arguments, status=2)
        self.assertIn("is in use by process", done.stderr)
        first.terminate()
        first.communicate(timeout=60)
        self.assertEqual(first.returncode, 75)
        self.assertEqual(common.states(common.read(self.path("x.h5"))), ["pending"])


class CommandLineTest(common.ProgramTest):
    def test_set(self):
        """An override is equivalent to the key in the file, and the stored job has it."""
        self.write_job(make_job(train={"epochs": 1}))
        self.lockstep("run", "job.yaml", "--set", "train.seed=9", "--set", "model.1.dense.units=5",
                      "--set", "sweep={replicates: 2}", "-o", "a/b/set.h5", ranks=2)
        model = ["flatten", dense(5, activation="relu"), dense(10, activation="softmax")]
        written = self.run_job(make_job(model=model, train={"epochs": 1, "seed": 9},
                                        sweep={"replicates": 2}), ranks=2)
        self.assertEqual(common.differing(common.read(self.path("a/b/set.h5")), written), [])


if __name__ == "__main__":
    common.main()
