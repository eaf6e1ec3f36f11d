"""Failing calls: each write, fsync, rename, allocation, MPI-IO call and so on of one rank out of
three is made to fail, once or from then on, by a preloaded library (faults/inject.c). The tests of
faults_test.py and of the long campaign differ in the number of faults.

A run must end: with an error that all ranks agree on or, where HDF5 makes ranks wait for one that
could not write (when it closes a shared file), by the watchdog. Either it reports the failure, with
one line for each failed trial and one at the end, and the same command completes the job; or all
results are there. In both cases the results have the bits of an undisturbed run, and trials that
were reported as done stay so.

Allocations fail in the program and in HDF5. HDF5 1.10 crashes or aborts in some places without
memory, for example at its start; then any message is accepted, and the other conditions still hold.
Open MPI's allocations do not fail here: by design it aborts without memory."""

import concurrent.futures
import os
import re
import shutil
import subprocess
import tempfile
import time
from typing import NamedTuple

import bad_input
import common

SECONDS = 240  # until a run counts as hanging; three ranks of many jobs share a core
RANKS = 3
EIO, ENOSPC = "5", "28"
FILES = ["open", "write", "truncate", "sync", "rename", "mkdir"]
MPI = ["mpi_open", "mpi_write"]
COLLECTIVE = ["mpi_bcast", "mpi_allgather", "mpi_allreduce"]
MEMORY = ["malloc", "malloc_hdf5", "allocate"]
ARGUMENTS = ["run", "job.yaml", "--checkpoint-every", "1epochs", "--progress", "lines",
             "--watchdog", "20"]
RESULTS = "results/small.h5"
WATCHDOG = re.compile(r"lockstep: rank \d+ on .*: the job ends; everything up to the last checkpoint is saved")
# What a message has to name: a file, or what could not be had.
CLEAR = re.compile(r"(results/small|digits\.h5|job\.yaml|out of memory|: cannot |MPI_ERR_)")


class Fault(NamedTuple):
    kind: str
    rank: int
    number: int
    lasting: bool
    error: str

    def environment(self, folder):
        return {"FAULTS_FOLDER": folder, "FAULTS_RANK": str(self.rank), "FAULTS_KIND": self.kind,
                "FAULTS_AT": str(self.number), "FAULTS_LASTING": str(int(self.lasting)),
                "FAULTS_ERROR": self.error, "FAULTS_REPORT": folder + ".report"}

    def __str__(self):
        once = "and all later ones" if self.lasting else "once"
        return f"{self.kind} {self.number} on rank {self.rank}, {once}, error {self.error}"


class Ended(NamedTuple):
    status: int
    output: str
    errors: list  # lines
    report: list  # of the library: lists of words


def job():
    return common.make_job(
        model=["flatten", common.dense(8, activation="relu"),
               common.dense(10, activation="softmax")],
        dataset={"file": "digits.h5"},
        train={"shards": RANKS, "epochs": 2, "batch_size": 60},
        sweep={"replicates": 2})


def start(folder, ranks=1, launcher=(), environment=None):
    """Runs the job in the folder and waits for it; None if it hangs."""
    process = subprocess.Popen(
        [*launcher, common.LOCKSTEP, *ARGUMENTS, "--set", f"sweep.ranks_per_trial={ranks}"],
        cwd=folder,
        env={**os.environ, **common.ENVIRONMENT, **(environment or {})}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    done = bad_input.ended(process, SECONDS)
    return done and (done[0], done[1], bad_input.without_remarks(done[2]))


def run_with(folder, fault):
    launcher = ["mpirun", "-n", str(RANKS), "-x", f"LD_PRELOAD={common.library('inject')}"]
    ended = start(folder, RANKS, launcher, fault.environment(folder))
    report = []
    if os.path.exists(folder + ".report"):
        with open(folder + ".report", encoding="utf-8") as file:
            report = [line.split() for line in file]
        os.remove(folder + ".report")
    return ended and Ended(*ended, report)


def done_trials(output):
    """Hashes of the trials that were reported as done."""
    return dict(re.findall(r"^trial=(\d+)/.* status=done .*weights_hash=(\w+)$", output, re.M))


def shown(hashes):
    return {str(i): f"{value:016x}" for i, value in enumerate(hashes.ravel(), 1)}


class FaultsTest(common.ProgramTest):
    """`campaign(most)` injects up to this number of faults of each kind and rank, evenly chosen."""

    def setUp(self):
        super().setUp()
        self.figures = dict.fromkeys(["reported", "harmless", "not reached", "trials kept",
                                      "ended by the watchdog"], 0)
        self.write_job(job())
        folder = self.make_folder()
        ended = start(folder)
        self.assertEqual(ended[0], 0, ended)
        self.whole = common.read(os.path.join(folder, RESULTS))
        self.assertEqual(common.states(self.whole), ["done", "done"])

    def make_folder(self):
        folder = tempfile.mkdtemp(dir=self.folder)
        shutil.copy(bad_input.digits(), os.path.join(folder, "digits.h5"))
        shutil.copy(self.path("job.yaml"), os.path.join(folder, "job.yaml"))
        return folder

    def counts(self, rank):
        """The number of calls of each kind."""
        ended = run_with(self.make_folder(), Fault("none", rank, 0, False, EIO))
        self.assertEqual(ended.status, 0, ended)
        return {kind: int(count) for kind, _, count in ended.report}

    # ---- One fault ---------------------------------------------------------------------------

    def check_whole(self, folder):
        differing = common.differing(common.read(os.path.join(folder, RESULTS)), self.whole)
        if differing:
            yield f"these differ: {differing}"
        for trial, expected in shown(self.whole["weights_hash"]).items():
            path = os.path.join(folder, f"results/small/trial_{trial}")
            if not os.path.exists(os.path.join(path, "last.h5")):
                yield f"{path} has no checkpoint"
        left = [name for name in bad_input.contents(folder) if bad_input.TEMPORARY.search(name)]
        if left:
            yield f"left over: {left}"

    def check_reported(self, ended):
        """One line for each failed trial, and one at the end."""
        trials = [line for line in ended.errors if re.match(r"lockstep: trial \d+ \S+ failed: ",
                                                            line)]
        names = [line.split(" failed: ")[0] for line in trials]
        others = [line for line in ended.errors if line not in trials]
        if ended.status not in (1, 2):
            yield f"exit status {ended.status}"
        if len(others) != 1 or not others[0].startswith("lockstep: "):
            yield "not one line in the end"
        if len(set(names)) != len(names):
            yield "a trial is said to have failed twice"
        for line in ended.errors:
            if WATCHDOG.match(line):
                self.figures["ended by the watchdog"] += 1
            elif not CLEAR.search(line):
                yield f"not clear: {line}"

    @staticmethod
    def died_in_hdf5(fault, ended):
        """Without memory HDF5 crashes in some places (H5E__push_stack and H5_init_library call each
        other until the stack is full), or prints its error stack if that was at its
        start, or at its end that it cannot close what it failed to open."""
        prints = ("HDF5-DIAG", "HDF5: infinite loop closing library")
        return fault.kind == "malloc_hdf5" and (
            ended.status not in (1, 2) or
            any(line.startswith(prints) for line in ended.errors))

    def check_kept(self, folder, output):
        """Trials that were reported as done are done in the file."""
        acknowledged = done_trials(output)
        if not acknowledged:
            return
        fields = common.read(os.path.join(folder, RESULTS))
        hashes = shown(fields["weights_hash"])
        states = dict(zip(hashes, common.states(fields)))
        for trial, value in acknowledged.items():
            if states[trial] != "done" or hashes[trial] != value:
                yield f"trial {trial} was shown as done, is {states[trial]}, {hashes[trial]}"
            else:
                self.figures["trials kept"] += 1

    def check_again(self, folder, ended):
        """The same command completes the job, without running finished trials again."""
        again = start(folder)
        if again is None or again[0] != 0:
            yield f"run again: {again}"
            return
        twice = set(done_trials(ended.output)) & set(done_trials(again[1]))
        if twice:
            yield f"trials {sorted(twice)} were done and ran again"
        yield from self.check_whole(folder)

    def problems(self, folder, fault):
        ended = run_with(folder, fault)
        if ended is None:
            yield f"does not end within {SECONDS} s"
            return
        if not ended.report:
            self.figures["not reached"] += 1
        if ended.status == 0:
            self.figures["harmless"] += bool(ended.report)
            wrong = [*self.check_whole(folder), *ended.errors]
        else:
            self.figures["reported"] += 1
            reported = [] if self.died_in_hdf5(fault, ended) else self.check_reported(ended)
            wrong = [*reported, *self.check_kept(folder, ended.output),
                     *self.check_again(folder, ended)]
        if wrong:
            yield from wrong
            yield f"after {ended}"

    def examine(self, fault):
        folder = self.make_folder()
        try:
            return [f"{fault}: {problem}" for problem in self.problems(folder, fault)]
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    # ---- All of them ---------------------------------------------------------------------------

    @staticmethod
    def faults(counts, rank, most):
        """Up to `most` of each kind: alternately once and from then on, with all errors of
        files."""
        for kind, count in counts.items():
            some = min(count, max(1, most // 2))
            for i in range(some):
                number = 1 + (2 * i + 1) * count // (2 * some)
                errors = [ENOSPC, EIO] if kind not in ("write", "mpi_write") else [
                    ENOSPC, EIO, "short"]
                for lasting in (False, True):
                    yield Fault(kind, rank, number, lasting, errors[i % len(errors)])

    def campaign(self, kinds, most, ranks=(0, 1), seconds=None):
        """Stops after `seconds`, if given."""
        begin = time.monotonic()
        todo, all_of_them, called = [], 0, set()
        for rank in ranks:
            counts = {kind: count for kind, count in self.counts(rank).items() if kind in kinds}
            todo += self.faults(counts, rank, most)
            all_of_them += 2 * sum(counts.values())
            called |= {kind for kind, count in counts.items() if count > 0}
        self.assertEqual(called, set(kinds))
        # In an order of which any beginning covers all kinds and numbers.
        todo.sort(key=lambda fault: hash((fault.number * 2654435761) % 2**32))
        problems, injected = [], 0

        def attempt(fault):
            if seconds and time.monotonic() - begin > seconds:
                return None
            return self.examine(fault)

        with concurrent.futures.ThreadPoolExecutor(2 * os.cpu_count()) as pool:
            for found in pool.map(attempt, todo):
                injected += found is not None
                problems += found or []
        print(f"{', '.join(kinds)}: {injected} faults injected, of {all_of_them} that there are; "
              + ", ".join(f"{name}: {number}" for name, number in self.figures.items()),
              flush=True)
        self.assertFalse(problems, "\n" + "\n".join(problems))
        self.assertGreater(self.figures["reported"], 0)
        self.assertLess(self.figures["ended by the watchdog"], 3 + injected / 6)
