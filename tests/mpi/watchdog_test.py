"""The watchdog: a rank whose process is stopped is found and reported, whichever rank it is, the
job ends, and the same command completes it; slow ranks are not reported, and pauses are not counted
as time of training."""

import os
import signal
import socket
import time

import h5py
import numpy as np

import common
from common import dense, make_job
from kills import children_of, ranks_of

LINE = (r"\Alockstep: rank {rank} on {host} \(process {process}, stopped by a signal\) has made no "
        r"progress for (\d+) s, in trial {trial}, .*: the job ends; everything up to the last checkpoint is "
        r"saved, and the same command resumes from there\Z")


def job(epochs, batch_size=50, rate=0.1, **sweep):
    return make_job(model=["flatten", dense(32), dense(10, activation="softmax")],
                    train={"shards": 6, "epochs": epochs, "batch_size": batch_size,
                           "optimizer": {"sgd": {"learning_rate": rate}}}, sweep=sweep)


class WatchdogTest(common.ProgramTest):
    def written(self):
        """The time at which the first checkpoint of the first trial was written; 0 if there is none
        yet."""
        try:
            return os.stat(self.path("x/trial_1/last.h5")).st_mtime_ns
        except FileNotFoundError:
            return 0

    def start_training(self, ranks, *arguments):
        """Returns once a checkpoint has been written, with the processes of the ranks."""
        before = self.written()
        process = self.start("run", "job.yaml", "-o", "x.h5", "--progress", "none",
                             "--checkpoint-every", "10steps", *arguments, ranks=ranks)
        self.wait_until(lambda: self.written() > before, seconds=120)
        return process, ranks_of(process)

    def stop(self, process):
        """Stops a rank, which is killed with the test at the latest."""
        os.kill(process, signal.SIGSTOP)
        self.addCleanup(self.kill, process)

    @staticmethod
    def kill(process):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def check_ended(self, process, ranks, target, trial):
        started = children_of(process.pid)
        _, errors = process.communicate(timeout=120)
        self.assertNotEqual(process.returncode, 0)
        lines = [line for line in errors.splitlines() if line.startswith("lockstep:")]
        self.assertEqual(len(lines), 1, errors)
        expected = LINE.format(rank=target, host=socket.gethostname(), process=ranks[target],
                               trial=trial)
        self.assertRegex(lines[0], expected)
        self.wait_until(lambda: not any(os.path.exists(f"/proc/{rank}") for rank in started))

    def check_found(self, ranks, target, **sweep):
        processes, rank = self.start_training(ranks, "--watchdog=3")
        self.stop(rank[target])
        self.check_ended(processes, rank, target, "1 of 1" if not sweep else r"\d of \d")

    def test_stopped_rank(self):
        """Rank 0, then another one; then the job is completed."""
        whole = self.run_job(job(200), ranks=2)
        self.write_job(job(200))
        for target in (0, 2):
            with self.subTest(target=target):
                self.check_found(3, target)
        done = self.lockstep("run", "job.yaml", "-o", "x.h5", "--progress", "lines", ranks=3)
        self.assertIn(" resumes after ", done.stdout)
        self.assertEqual(common.differing(common.read(self.path("x.h5")), whole), [])

    def test_by_messages(self):
        """Ranks that exchange messages wait inside MPI."""
        endless = job(1000000)
        endless["train"]["reduction"] = "exchange"
        self.write_job(endless)
        self.check_found(3, 1)

    def test_group_of_several(self):
        """A stopped group ends the job although the other one makes progress."""
        self.write_job(job(1000000, replicates=2, ranks_per_trial=1))
        self.check_found(2, 1, replicates=2)

    def test_slow_ranks(self):
        """Once training has been slow, anything may take 20 times as long; a job that is paused as
        a whole is not at fault; without a watchdog nothing happens."""
        self.write_job(job(1000000, batch_size=6, rate=1e-4))
        process, ranks = self.start_training(2, "--watchdog=3", "--checkpoint-every=1000steps")
        for seconds in (0.5, 0.5, 0.5, 0.5, 6):  # at least one of the short ones during training
            self.pause([ranks[1]], seconds)
        self.check_stops_on_request(process, ranks)
        process, ranks = self.start_training(2, "--watchdog=3")
        self.pause(ranks.values(), 6)
        self.check_stops_on_request(process, ranks)
        process, ranks = self.start_training(2, "--watchdog=0")
        self.pause([ranks[0]], 6)
        self.check_stops_on_request(process, ranks)

    def test_pauses(self):
        """Times leave out most of a pause, of all ranks or of one for which the others wait."""
        self.write_job(job(1000000))
        start = time.monotonic()
        process, ranks = self.start_training(2, "--watchdog=8", "--checkpoint-every=20epochs")
        self.pause(ranks.values(), 4)
        self.pause([ranks[1]], 4)
        self.check_stops_on_request(process, ranks)
        took = time.monotonic() - start
        fields = common.read(self.path("x.h5"))
        self.assertLess(np.nanmax(fields["epoch_seconds"]), 2.5)
        self.assertLess(fields["trial_seconds"], took - 4)
        with h5py.File(self.path("x/trial_1/last.h5")) as file:
            self.assertLess(file["lockstep"].attrs["seconds"], took - 4)

    def pause(self, processes, seconds):
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        time.sleep(seconds)
        for process in processes:
            os.kill(process, signal.SIGCONT)
        self.wait_for_progress()

    def wait_for_progress(self):
        """Waits for a checkpoint that was begun after this call."""
        for _ in range(2):
            before = self.written()
            self.wait_until(lambda: self.written() > before, seconds=60)

    def check_stops_on_request(self, process, ranks):
        """The run still stops on request."""
        os.kill(ranks[0], signal.SIGUSR1)
        _, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 75, errors)

    def test_option(self):
        self.write_job(job(1))
        for text in ("-1", "soon", "1.5", ""):
            done = self.lockstep("run", "job.yaml", f"--watchdog={text}", status=2)
            self.assertRegex(self.complaints(done)[0], r"run: --watchdog: '.*' \(expected an integer")


if __name__ == "__main__":
    common.main()
