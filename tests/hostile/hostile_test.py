"""Hostile files: every verb that reads a kind of file is run on files of that kind which are damaged,
forged, or no files at all (hdf5_files.py, other_files.py). Each run ends by itself with a status of
the program and a message of one line, without a report of a sanitizer, and without changes to files
outside its folder. To be run with a program built with the sanitizers."""

import concurrent.futures
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "mpi"), HERE]

import h5py

import common
import hdf5_files
import other_files

SECONDS = 120  # a run takes less than one on an idle machine
STATUSES = (0, 1, 2, 75)
# MPI unloads its plugins without freeing their memory. The readers' own leaks are found by their
# unit tests and fuzz targets.
common.ENVIRONMENT["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
REPORTS = re.compile(r"Sanitizer|runtime error:|MPI_ABORT|Signal: |core dumped|\bassert")
WORKERS = os.cpu_count() or 1
JOB = {"name": "small", "dataset": {"file": "data.h5"},
       "model": ["flatten", {"dense": {"units": "$units", "activation": "relu"}},
                 {"dense": {"units": 10, "activation": "softmax"}}],
       "train": {"epochs": 2, "batch_size": 20, "loss": "categorical_crossentropy",
                 "optimizer": {"sgd": {"learning_rate": 0.1, "momentum": 0.9}}},
       "sweep": {"units": [3, 4], "replicates": 2}}
MODEL, ANALYSIS = "results/small/trial_1/last.h5", "results/small/trial_1/last_errors.h5"


def snapshot(folder):
    """What the folder contains."""
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(path, name), "rb") as file:
                found[os.path.join(path, name)] = file.read()
    return found


class Run:
    """One run in a folder of its own, with a copy of the valid files."""

    def __init__(self, test, valid, prepare, *arguments):
        self.test, self.valid, self.prepare, self.arguments = test, valid, prepare, arguments

    def __call__(self):
        """Returns what is wrong, or None."""
        folder = tempfile.mkdtemp(prefix="run-", dir=self.test.folder)
        try:
            shutil.copytree(self.valid, folder, dirs_exist_ok=True)
            other_files.make_special(folder)
            self.prepare(folder)
            return self.run(folder)
        finally:
            shutil.rmtree(folder)

    def run(self, folder):
        options = self.test.options(cwd=folder, text=False)
        try:
            done = subprocess.run([common.LOCKSTEP, *self.arguments], capture_output=True,
                                  stdin=subprocess.DEVNULL, timeout=SECONDS, **options)
        except subprocess.TimeoutExpired:
            return f"did not end within {SECONDS} s"
        text = (done.stdout + done.stderr).decode("utf-8", "backslashreplace")
        if done.returncode not in STATUSES or REPORTS.search(text):
            return f"status {done.returncode}: {text[-3000:]}"
        if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
            return f"control characters: {ascii(text[-3000:])}"
        messages = [line for line in done.stderr.decode().splitlines() if line]
        if done.returncode in (1, 2) and not (messages and messages[-1].startswith("lockstep: ")):
            return f"status {done.returncode} without a message: {text[-3000:]}"
        return None


class HostileTest(common.ProgramTest):
    """The valid files are made once, by the program."""

    @classmethod
    def setUpClass(cls):
        cls.valid = tempfile.mkdtemp(prefix="lockstep-valid-")
        cls.addClassCleanup(shutil.rmtree, cls.valid)
        with open(os.path.join(cls.valid, "job.yaml"), "w", encoding="utf-8") as file:
            json.dump(JOB, file)
        for words in (["data", "digits", "--train", "60", "--test", "20", "-o", "data.h5"],
                      ["run", "job.yaml", "--progress", "none"], ["errors", MODEL]):
            subprocess.run([common.LOCKSTEP, *words], cwd=cls.valid, check=True, timeout=600,
                           capture_output=True, env={**os.environ, **common.ENVIRONMENT})

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("outside"))
        self.outside = self.path("outside/outside.svg")
        with open(self.outside, "w", encoding="utf-8") as file:
            file.write("<svg><text>OUTSIDE</text></svg>")
        with h5py.File(self.path("outside/data.h5"), "w") as file:
            file["train/x"] = [1.0]

    def check(self, runs):
        before = snapshot(self.path("outside"))
        runs = list(runs)
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            for run, problem in zip(runs, pool.map(lambda run: run(), runs)):
                with self.subTest(" ".join(run.arguments), file=run.name):
                    self.assertIsNone(problem)
        self.assertEqual(snapshot(self.path("outside")), before)

    def named(self, name, prepare, *arguments):
        run = Run(self, self.valid, prepare, *arguments)
        run.name = name
        return run

    def check_edits(self, valid, verbs, each=1):
        """Runs the first verb, and one of the others in turn, on the edited copies of a file."""
        others = itertools.cycle(verbs[1:])
        runs = []
        for name, make in hdf5_files.edits(os.path.join(self.valid, valid),
                                           self.path("outside/data.h5"), each):
            def prepare(folder, make=make):
                os.remove(os.path.join(folder, valid))
                make(os.path.join(folder, valid))
            runs += [self.named(name, prepare, *verb) for verb in (verbs[0], next(others))]
        self.check(runs)

    def test_model_files(self):
        self.check_edits(MODEL, [("eval", MODEL), ("errors", MODEL), ("activations", MODEL),
                                 ("embed", MODEL, "--layer", "dense", "--first", "15",
                                  "--perplexity", "3"),
                                 ("decode", MODEL, "--layer", "dense"),
                                 ("predict", MODEL, "data.h5"),
                                 ("run", "job.yaml", "--set", "train.epochs=3")])

    def test_results_files(self):
        results = "results/small.h5"
        self.check_edits(results, [("report", results), ("run", "job.yaml"),
                                   ("report", "--summary", results), ("report", results, "--csv", "-"),
                                   ("report", results, results), ("run", "--merge", results),
                                   ("watch", results, "--once"),
                                   ("watch", results, "--once", "--html", "page.html"),
                                   *(("export", results, "--to", name, "-o", "exported." + name)
                                     for name in ("csv", "optuna", "tensorboard"))])

    def test_datasets(self):
        self.check_edits("data.h5", [("check", "job.yaml"), ("run", "job.yaml", "-o", "r.h5"),
                                     ("eval", MODEL), ("data", "data.h5", "-o", "new.h5"),
                                     ("predict", MODEL, "data.h5")])

    def test_analyses(self):
        self.check_edits(ANALYSIS, [("report", "results/small.h5"),
                                    ("report", "--summary", "results/small.h5", ANALYSIS)])

    def test_jobs(self):
        runs = []
        others = itertools.cycle([("submit", "hostile.yaml", "--print", "--ranks-per-node=1"),
                                  ("schema", "hostile.yaml")])
        for name, content in other_files.jobs():
            def prepare(folder, content=content):
                with open(os.path.join(folder, "hostile.yaml"), "wb") as file:
                    file.write(content)
            runs.append(self.named(name, prepare, "check", "hostile.yaml"))
            runs.append(self.named(name, prepare, *next(others)))
        self.check(runs)

    def test_idx_files(self):
        runs = []
        for name, content in other_files.idx_files():
            def prepare(folder, content=content):
                for file, data in (("x", content), ("y", other_files.idx(8, (4,), bytes(4)))):
                    with open(os.path.join(folder, file), "wb") as out:
                        out.write(data)
            runs.append(self.named(name, prepare, "data", "--idx", "x", "y", "-o", "new.h5"))
            runs.append(self.named(name, prepare, "data", "--idx", "y", "x", "-o", "new.h5"))
        self.check(runs)

    def test_status_files(self):
        """The results are those of the job, which has ended."""
        results, runs = "results/small.h5", []
        others = itertools.cycle([("watch", results, "--once", "--html", "page.html"),
                                  ("watch", results, "--once")])
        for name, content in other_files.status_files():
            def prepare(folder, content=content):
                with open(os.path.join(folder, "results/small.status"), "wb") as file:
                    file.write(content)
            runs.append(self.named(name, prepare, *next(others)))
        self.check(runs)

    def test_figures(self):
        runs = []
        for name, content in other_files.figures(self.outside):
            def prepare(folder, name=name, content=content):
                with h5py.File(os.path.join(folder, ANALYSIS), "a") as file:
                    file.attrs.create("figures", [name], dtype=hdf5_files.TEXT)
                    file.attrs.create("captions", [hdf5_files.EVIL], dtype=hdf5_files.TEXT)
                beside = os.path.join(folder, os.path.dirname(ANALYSIS))
                os.mkfifo(os.path.join(beside, "pipe"))
                if content is not None:
                    with open(os.path.join(beside, name), "wb") as file:
                        file.write(content)
            runs.append(self.named(name, prepare, "report", "results/small.h5"))
        self.check(runs)

    def test_no_files(self):
        """Pipes, devices, folders and links in the place of every kind of file."""
        runs = []
        for name in other_files.SPECIAL:
            for words in (("check", name), ("report", name), ("eval", name), ("errors", name),
                          ("watch", name, "--once"), ("watch", "x.h5", "--once", "--html", name),
                          ("report", "results/small.h5", name), ("data", "--idx", name, name,
                                                                  "-o", "new.h5"),
                          ("check", "job.yaml", "--set", f"dataset.file={name}")):
                runs.append(self.named(name, lambda folder: None, *words))
        self.check(runs)


if __name__ == "__main__":
    common.main()
