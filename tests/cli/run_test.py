"""lockstep run: its command line, what it refuses and how, and what it prints while it runs."""

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import make_job


class PathsTest(common.ProgramTest):
    """Relative paths start from the job's folder, wherever the program runs."""

    def setUp(self):
        super().setUp()
        os.makedirs(self.path("project/data"))
        os.makedirs(self.path("elsewhere"))
        shutil.copy(common.digits(), self.path("project/data/some.h5"))
        job = make_job(dataset={"file": "data/some.h5"}, train={"epochs": 1})
        self.job = self.write_job(job, "project/job.yaml")

    def run_in(self, folder, *arguments, status=0, **options):
        done = subprocess.run(common.command(None, *arguments), capture_output=True, timeout=120,
                              **self.options(cwd=self.path(folder), **options))
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def run_job_in(self, folder, *arguments, **options):
        return self.run_in(folder, "run", *arguments, "--progress", "none", **options)

    def test_other_folder(self):
        self.run_job_in("project", "job.yaml", "-o", "../here.h5")
        for folder, job in (("elsewhere", "../project/job.yaml"), (".", "project/job.yaml"),
                            ("elsewhere", self.job)):
            with self.subTest(folder=folder, job=job):
                output = self.path("elsewhere/there.h5")
                done = self.run_job_in(folder, job, "-o", output)
                self.assertEqual(done.stderr, "")
                self.assertEqual(common.differing(common.read(self.path("here.h5")),
                                                  common.read(output)), [])

    def test_recorded_job(self):
        """It runs, and its models are evaluated, in any folder."""
        self.run_job_in("project", "job.yaml", "-o", "../r.h5")
        with h5py.File(self.path("r.h5"), "r") as file:
            text = file.attrs["job"]
        text = text if isinstance(text, str) else text.decode()
        self.assertIn(f"folder: \"{self.path('project')}\"", text.replace("'", '"'))
        with open(self.path("elsewhere/again.yaml"), "w", encoding="utf-8") as file:
            file.write(text)
        self.run_job_in("elsewhere", "again.yaml", "-o", "again.h5")
        self.assertEqual(common.read(self.path("r.h5"))["weights_hash"],
                         common.read(self.path("elsewhere/again.h5"))["weights_hash"])
        done = self.run_in("elsewhere", "eval", "../r/trial_1/last.h5")
        self.assertEqual(done.stderr, "")
        # A path on the command line is relative to the working directory.
        self.run_in("project/data", "eval", "../../r/trial_1/last.h5", "--dataset", "./some.h5")

    def test_moved_project(self):
        """It continues its results."""
        self.run_job_in("project", "job.yaml", "-o", "r.h5")
        os.rename(self.path("project"), self.path("moved"))
        done = self.run_job_in("elsewhere", "../moved/job.yaml", "-o", "../moved/r.h5")
        self.assertEqual(done.stderr, "")
        done = self.run_in("moved", "eval", "r/trial_1/last.h5")
        self.assertIn("'data/some.h5' is not in " + self.path("project"), done.stderr)

    def test_working_directory(self):
        """Where the job's folder lacks the file, with one line."""
        os.rename(self.path("project/data"), self.path("elsewhere/data"))
        for verb in ("check", "run"):
            done = self.run_in("elsewhere", verb, "../project/job.yaml")
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertIn("dataset.file: 'data/some.h5' is not in the job's folder "
                          f"{self.path('elsewhere')}/../project: the one in the working directory "
                          "is used", done.stderr)
        done = self.run_job_in(".", "project/job.yaml", status=2)
        self.assertIn("dataset.file: cannot open 'data/some.h5': No such file or directory (looked "
                      f"in '{self.path('project')}' and in the working directory)", done.stderr)

    def test_folder_of_the_job(self):
        """`folder` is relative to the job file; standard input has no folder."""
        os.rename(self.path("project/data"), self.path("elsewhere/data"))
        self.run_in(".", "check", "project/job.yaml", "--set", "folder=../elsewhere")
        with open(self.job, encoding="utf-8") as file:
            self.run_in("elsewhere", "check", "/dev/stdin", stdin=file)

    def test_weights(self):
        self.run_job_in("project", "job.yaml", "-o", "first.h5")
        layers = [{"dense": {"units": 16, "weights": "first/trial_1/last.h5"}}]
        model = ["flatten", *layers, {"dense": {"units": 10, "activation": "softmax"}}]
        job = make_job(name="second", model=model, train={"epochs": 1})
        self.write_job(job, "project/second.yaml")
        self.assertEqual(self.run_job_in("elsewhere", "../project/second.yaml").stderr, "")
        os.rename(self.path("project/first"), self.path("elsewhere/first"))
        done = self.run_job_in("elsewhere", "../project/second.yaml", "-o", "third.h5")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn("'first/trial_1/last.h5' is not in the job's folder", done.stderr)
        done = self.run_job_in(".", "project/second.yaml", status=2)
        self.assertIn("first/trial_1/last.h5: cannot open: No such file or directory (looked in",
                      done.stderr)


class RefusedTest(common.ProgramTest):
    """Invalid command lines, jobs and data: one line, exit status 2, no files left."""

    def refuse(self, says, *arguments, ranks=(None,)):
        before = sorted(os.listdir(self.folder))
        for count in ranks:
            done = self.lockstep("run", *arguments, ranks=count, status=2)
            lines = self.complaints(done)
            self.assertEqual(len(lines), 1, done.stderr)
            self.assertIn(says, lines[0])
            self.assertEqual(done.stdout, "")
            if count is None:
                self.assertEqual(done.stderr, lines[0] + "\n")
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_command_line(self):
        self.write_job(make_job())
        cases = {
            (): "no job given",
            ("job.yaml", "job.yaml"): "one job at a time",
            ("job.yaml", "-o"): "'-o' is unknown or lacks its value",
            ("job.yaml", "-x"): "'-x' is unknown",
            ("job.yaml", "--progess", "none"): "did you mean '--progress'?",
            ("job.yaml", "--progress", "fancy"): "expected auto, live, lines or none",
            ("job.yaml", "--set", "seed"): "has no '='",
            ("nothing.yaml",): "nothing.yaml: cannot open: No such file",
        }
        for arguments, says in cases.items():
            with self.subTest(arguments):
                self.refuse(says, *arguments)

    def test_once_per_job(self):
        """Three ranks find the same error; one of them prints it."""
        self.write_job(make_job())
        cases = {
            ("job.yaml", "--bogus"): "'--bogus' is unknown",
            ("nothing.yaml",): "nothing.yaml: cannot open: No such file",
            ("job.yaml", "--set", "train.sead=1"): "did you mean 'seed'?",
            ("job.yaml", "--set", "dataset.file=nothing.h5"): "cannot open 'nothing.h5'",
        }
        for arguments, says in cases.items():
            with self.subTest(arguments):
                self.refuse(says, *arguments, ranks=(3,))

    def test_bad_jobs(self):
        """The message names the place of the error; tests of the reader have the kinds of
        errors."""
        cases = {
            "": "job.yaml:1: is empty",
            "name: [\n": "job.yaml:2: ",
            "name: small\nname: large\n": "job.yaml:2: duplicate key 'name'",
            "name: small\n\ndataset: {nme: x}\n": "job.yaml:3: dataset: unknown key 'nme'",
        }
        for text, says in cases.items():
            with self.subTest(text):
                with open(self.path("job.yaml"), "w", encoding="utf-8") as file:
                    file.write(text)
                self.refuse(says, "job.yaml")

    def make_dataset(self, name, **datasets):
        """20 images of class 0, or the labels given instead."""
        images, labels = np.zeros((20, 4, 4, 1), np.uint8), np.zeros(20, np.uint8)
        with h5py.File(self.path(name), "w") as file:
            for part in ("train", "test"):
                file[f"{part}/x"] = images
                file[f"{part}/y"] = datasets.get(part, labels)
                file[f"{part}/y"].attrs["class_count"] = 10

    def test_bad_data(self):
        self.write_job(make_job())
        with open(self.path("text.h5"), "w", encoding="utf-8") as file:
            file.write("hello")
        h5py.File(self.path("empty.h5"), "w").close()
        self.make_dataset("short.h5", train=np.zeros(19, np.uint8))
        self.make_dataset("untested.h5")
        with h5py.File(self.path("untested.h5"), "a") as file:
            del file["test"]
        cases = {"text.h5": "cannot open as HDF5", "empty.h5": "it has neither /train/x nor /test/x",
                 "short.h5": "19", "untested.h5": "leaves 20 training and 0 validation samples"}
        for name, says in cases.items():
            with self.subTest(name):
                self.refuse(says, "job.yaml", "--set", f"dataset.file={name}", ranks=(None, 2))

    def test_metrics_of_a_name(self):
        """With other arguments they are curves of their own, numbered as in Keras."""
        top = "top_k_categorical_accuracy"
        metrics = ["accuracy", {top: {"k": 1}}, {top: {"k": 3}}, {top: {"k": 10}}]
        self.write_job(make_job(train={"metrics": metrics, "epochs": 1}))
        self.lockstep("run", "job.yaml", "-o", "r.h5")
        found = common.read(self.path("r.h5"))
        self.assertEqual(found[f"val_{top}"], found["val_accuracy"])
        self.assertGreater(found[f"val_{top}_1"], found[f"val_{top}"])
        self.assertEqual(found[f"val_{top}_2"], 1)
        self.refuse(f"two variables named '{top}' (expected each metric once)", "job.yaml", "--set",
                    f"train.metrics=[{{{top}: {{k: 2}}}}, {{{top}: {{k: 2}}}}]")

    def test_bad_labels(self):
        self.make_dataset("labels.h5", test=np.full(20, 30, np.uint8))
        self.write_job(make_job(dataset={"file": "labels.h5"}))
        self.refuse("labels.h5: /test/y: sample 0 has label 30 (expected 0 to 9)", "job.yaml")

    def test_results_is_a_folder(self):
        self.write_job(make_job(dataset={"file": "labels.h5"}))
        self.make_dataset("labels.h5")
        os.mkdir(self.path("folder.h5"))
        self.refuse("is no file", "job.yaml", "-o", "folder.h5")

    def test_no_such_dataset(self):
        self.write_job(make_job(dataset={"name": "minst"}))
        self.refuse("no dataset 'minst' (did you mean 'mnist'?)", "job.yaml")


class HelpTest(common.ProgramTest):
    def test_help(self):
        for arguments in (["--help"], ["run", "--help"], ["help"]):
            done = self.lockstep(*arguments)
            self.assertEqual(done.stderr, "")
            self.assertIn("Usage: lockstep", done.stdout)
        done = self.lockstep("run", "--help", ranks=2)
        self.assertEqual(done.stdout.count("Usage:"), 1)
        for word in ("--output", "--set", "--progress", "75"):
            self.assertIn(word, done.stdout)

    def test_verbs(self):
        self.assertRegex(self.lockstep("--version").stdout, r"\Alockstep \d+\.\d+\.\d+\n\Z")
        self.assertIn("unknown verb 'rum'", self.lockstep("rum", status=2).stderr)
        self.assertIn("Usage:", self.lockstep(status=2).stderr)


class LinesTest(common.ProgramTest):
    """Without a terminal: one line per epoch, easy to grep."""

    def test_lines(self):
        self.write_job(make_job(sweep={"replicates": 3}))
        number = r"[-+.e\d]+"
        epoch = (r"^trial=[123]/3 replicate=[012] epoch=[12]/2 " +
                 " ".join(f"{name}={number}" for name in (
                     "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate",
                     "epoch_seconds", "samples_per_second")) + "$")
        end = (r"^trial=[123]/3 replicate=[012] status=done epochs_run=2 seconds=[.\d]+ "
               r"weights_hash=[0-9a-f]{16}$")
        for ranks in (None, 1, 3):
            with self.subTest(ranks=ranks):
                done = self.lockstep("run", "job.yaml", "-o", f"{ranks}.h5", ranks=ranks)
                lines = done.stdout.splitlines()
                self.assertEqual(done.stderr, "")
                self.assertEqual(sum(bool(re.match(epoch, line)) for line in lines), 6)
                self.assertEqual(sum(bool(re.match(end, line)) for line in lines), 3)
                self.assertRegex(lines[0], rf"^{ranks}.h5: 3 of 3 trials to run")
                # mpirun may print another rank's last line after that of rank 0.
                done_line = rf"^{ranks}.h5: 3 of 3 trials done in "
                self.assertTrue(any(re.match(done_line, line) for line in lines[-(ranks or 1) :]))
                self.assertEqual(len(lines), 2 + 6 + 3 + 1)
                self.assertNotIn("\033", done.stdout)

    def test_none(self):
        self.write_job(make_job())
        for ranks in (None, 2):
            done = self.lockstep("run", "job.yaml", "-o", f"{ranks}.h5", "--progress", "none",
                                 ranks=ranks)
            self.assertEqual(done.stdout + done.stderr, "")

    def test_profile(self):
        """Each layer, the other parts, and waiting (on two ranks) add up to the step."""
        self.write_job(make_job(sweep={"ranks_per_trial": 2}))
        for reduction in ("auto", "exchange", "allreduce"):
            done = self.lockstep("run", "job.yaml", "-o", f"{reduction}.h5", "--progress", "none",
                                 "--profile", "--set", f"train.reduction={reduction}", ranks=2)
            rows = {line[:32].strip(): [float(word) for word in line[32:].split()[:2]]
                    for line in done.stdout.splitlines()[1:-1]}
            step = rows.pop("step")[0]
            self.assertEqual(list(rows), ["samples to numbers", "flatten", "dense", "activation",
                                          "dense_1", "losses and metrics", "reduction and update",
                                          "waiting for other ranks"])
            times = [time for row in rows.values() for time in row]
            self.assertGreaterEqual(min(times), 0)
            self.assertAlmostEqual(sum(times), step, delta=0.001 * len(times))
            self.assertGreater(rows["waiting for other ranks"][1], 0)


class LiveTest(common.ProgramTest):
    """On a terminal: progress bars that are redrawn in place, never wider than the terminal."""

    def run_on_terminal(self, *arguments, ranks=None, columns=80):
        """Everything written to a pseudo-terminal with this number of columns."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen(common.command(ranks, *arguments), stdin=theirs, stdout=theirs,
                                   stderr=theirs, start_new_session=True,
                                   **self.options(text=False))
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            shown += part
        os.close(ours)
        self.assertEqual(process.wait(timeout=60), 0, shown)
        return shown.decode().replace("\r\n", "\n")

    def test_live(self):
        self.write_job(make_job(train={"epochs": 30}, sweep={"replicates": 4}))
        for ranks, columns in ((None, 80), (2, 80), (2, 120), (None, 40)):
            with self.subTest(ranks=ranks, columns=columns):
                shown = self.run_on_terminal("run", "job.yaml", "-o", f"{ranks}-{columns}.h5",
                                             ranks=ranks, columns=columns)
                self.assertIn("█", shown)
                self.assertRegex(shown, r"\033\[\d+A")
                self.assertNotIn("trial=", shown)
                self.assertIn("4 of 4 trials done", shown)
                plain = re.sub(r"\r|\033\[[\d;]*[A-Za-z]", "", shown)
                for line in plain.splitlines():
                    if "█" in line or "░" in line:  # the other lines may wrap
                        self.assertLess(len(line), columns, line)

    def test_lines_asked_for(self):
        self.write_job(make_job())
        shown = self.run_on_terminal("run", "job.yaml", "--progress", "lines")
        self.assertIn("trial=1/1 epoch=2/2", shown)
        self.assertNotIn("\033", shown)


if __name__ == "__main__":
    common.main()
