"""The results file: its contents, readers during a run, and the stored job, which runs again."""

import os
import re
import shutil
import subprocess

import h5py
import numpy as np
import xarray

import common
from common import dense, make_job

CURVES = ["loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "epoch_seconds"]
OF_TRIALS = ["status", "epochs_run", "best_epoch", "best_restored", "seed", "weights_hash",
             "train_samples",
             *(prefix + name for prefix in ("final_", "best_") for name in CURVES[:4])]
METRICS = {"loss": min, "accuracy": max, "val_loss": min, "val_accuracy": max}
UTC = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
ENGINES = ["netcdf4", "h5netcdf"]
REGULARIZED = ["flatten",
               dense(16, activation="$activation", kernel_regularizer={"l2": "$l2"}),
               dense(10, activation="softmax")]


def wide_job(**train):
    """A job with every kind of dimension."""
    return make_job(name="wide", title="All dimensions", reference=0.98, reference_label="a paper",
                    model=REGULARIZED, dataset={"validation": "folds"},
                    train={"shards": 2, "epochs": 3, **train},
                    sweep={"l2": {"log_range": [1e-5, 1e-3], "count": 3},
                           "activation": ["relu", "tanh"], "replicates": 2, "folds": 2})


def dimensions(dataset):
    """The names of the dimension scales attached to a dataset."""
    return [dimension[0].name.strip("/") for dimension in dataset.dims]


class ContentTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        self.write_job(wide_job())
        self.done = self.lockstep("run", "job.yaml", "-o", "w.h5", ranks=2)
        self.wide = self.path("w.h5")

    def test_dimensions(self):
        sweep = ["l2", "activation", "replicate", "fold"]
        with h5py.File(self.wide) as file:
            for name in CURVES:
                self.assertEqual(dimensions(file[name]), sweep + ["epoch"])
                self.assertEqual(file[name].shape, (3, 2, 2, 2, 3))
                self.assertEqual(file[name].dtype.kind, "f")
                self.assertIn("units", file[name].attrs)
                self.assertTrue(np.isfinite(file[name][()]).all())
            for name in OF_TRIALS:
                self.assertEqual(dimensions(file[name]), sweep)
            for name in CURVES + OF_TRIALS:
                self.assertTrue(file[name].attrs["long_name"])
            np.testing.assert_allclose(file["l2"][()], [1e-5, 1e-4, 1e-3], rtol=1e-12)
            self.assertEqual(list(file["activation"].asstr()[()]), ["relu", "tanh"])
            self.assertEqual(list(file["replicate"][()]), [0, 1])
            self.assertEqual(list(file["fold"][()]), [0, 1])
            self.assertEqual(list(file["epoch"][()]), [1, 2, 3])

    def test_trials(self):
        fields = common.read(self.wide)
        self.assertEqual(set(common.states(fields)), {"done"})
        self.assertEqual(set(fields["epochs_run"].flat), {3})
        self.assertEqual(set(fields["train_samples"].flat), {1500})
        best = 1 + np.argmax(fields["val_accuracy"], axis=-1)
        np.testing.assert_array_equal(fields["best_epoch"], best)
        # Paired: replicate r has its seed at every point of the sweep.
        np.testing.assert_array_equal(fields["seed"][:, :, 0], 3)
        np.testing.assert_array_equal(fields["seed"][:, :, 1], 4)
        self.assertEqual(fields["weights_hash"].dtype, np.uint64)
        self.assertEqual(len(set(fields["weights_hash"].flat)), 24)
        self.assertEqual(set(fields["learning_rate"].flat), {0.1})
        hashes = re.findall(r"weights_hash=([0-9a-f]{16})$", self.done.stdout, re.M)
        self.assertEqual(sorted(int(text, 16) for text in hashes),
                         sorted(fields["weights_hash"].flat))

    def test_attributes(self):
        with h5py.File(self.wide) as file:
            status = file["status"].attrs
            meanings = status["flag_meanings"]
            states = common.STATES[:-1]  # only a search prunes
            self.assertEqual(meanings.split(), states)
            self.assertEqual(list(status["flag_values"]), list(range(len(states))))
            self.assertEqual(status["flag_values"].dtype, file["status"].dtype)
            self.assertEqual(file.attrs["title"], "All dimensions")
            self.assertRegex(file.attrs["source"], r"^lockstep \d+\.\d+\.\d+$")
            self.assertRegex(file.attrs["history"],
                             f"^{UTC}: created by .*lockstep run job.yaml")
            reference = file["references/0001"]
            self.assertEqual(set(reference[()].flat), {0.98})
            self.assertEqual(reference.attrs["metric"], "val_accuracy")
            self.assertEqual(reference.attrs["label"], "a paper")
            self.assertIn("log_range", file.attrs["job"])

    def test_provenance(self):
        with h5py.File(self.wide) as file:
            group = file["provenance"]
            notes = dict(group.attrs)
            self.assertIn("run job.yaml -o w.h5", notes["command"])
            self.assertEqual(notes["hosts"], os.uname().nodename)
            self.assertEqual(notes["ranks"], 2)
            self.assertIn("Open MPI", notes["mpi"])
            self.assertIn("BLAS", notes["blas"])
            self.assertRegex(notes["isa"], "^(x86-64-v[34]|aarch64|portable)$")
            self.assertRegex(notes["hdf5"], r"^\d+\.\d+\.\d+$")
            self.assertTrue(notes["processor"])
            end = group["end"][()].decode().strip("\0 ")
            self.assertRegex(end, f"^{UTC}$")
            self.assertLessEqual(notes["start"], end)

    def test_xarray(self):
        for engine in ENGINES:
            with self.subTest(engine), xarray.open_dataset(self.wide, engine=engine) as data:
                sweep = ("l2", "activation", "replicate", "fold")
                for name in CURVES:
                    self.assertEqual(data[name].dims, sweep + ("epoch",))
                self.assertEqual(data["weights_hash"].dims, sweep)
                self.assertEqual(list(data["activation"].values), ["relu", "tanh"])
                best = data["val_accuracy"].sel(epoch=3, activation="tanh", replicate=1)
                self.assertEqual(best.mean("fold").dims, ("l2",))
                self.assertEqual(data.attrs["title"], "All dimensions")

    def test_h5dump(self):
        shown = subprocess.run(["h5dump", "-d", "/status", self.wide], capture_output=True,
                               text=True, check=True).stdout
        self.assertIn("( 3, 2, 2, 2 )", shown)
        self.assertIn("flag_meanings", shown)

    def test_stored_job_runs_again(self):
        with h5py.File(self.wide) as file, open(self.path("stored.yaml"), "w",
                                                encoding="utf-8") as job:
            job.write(file.attrs["job"])
        self.lockstep("run", "stored.yaml", "-o", "again.h5", "--progress", "none", ranks=3)
        again = common.read(self.path("again.h5"))
        self.assertEqual(common.differing(again, common.read(self.wide)), [])
        # It is the same job, so it continues the first one's file.
        done = self.lockstep("run", "stored.yaml", "-o", self.wide)
        self.assertIn("0 of 24 trials to run", done.stdout)


class WhileRunningTest(common.ProgramTest):
    def test_readers(self):
        """The file can be read at any moment, and the number of finished trials grows."""
        self.write_job(wide_job(epochs=30))
        process = self.start("run", "job.yaml", "-o", "w.h5", "--progress", "none", ranks=2)
        self.wait_until(lambda: os.path.exists(self.path("w.h5")))
        seen, last = 0, 0
        while process.poll() is None:
            fields = common.read(self.path("w.h5"))
            ended = common.states(fields).count("done")
            self.assertGreaterEqual(ended, last)
            # epochs_run counts only complete rows.
            run = fields["epochs_run"]
            for trial in np.ndindex(run.shape):
                self.assertTrue(np.isfinite(fields["loss"][trial][:run[trial]]).all())
            for engine in ENGINES:
                with xarray.open_dataset(self.path("w.h5"), engine=engine) as data:
                    data.load()
            subprocess.run(["h5dump", "-H", self.path("w.h5")], check=True,
                           stdout=subprocess.DEVNULL)
            seen += 0 < ended < 24
            last = ended
        self.assertEqual(process.returncode, 0)
        self.assertGreater(seen, 0, "the job was over before anyone looked")
        self.assertEqual(set(common.states(common.read(self.path("w.h5")))), {"done"})


class ContinuedTest(common.ProgramTest):
    """What a file records of the runs that continue it."""

    def set_up(self, **job):
        path = self.write_job(make_job(sweep={"replicates": 2}, **job))
        job = [path, "--set", "title=" + "ä" * 300]  # longer than many a buffer
        self.lockstep("run", "-o", "x.h5", *job)
        self.reopen()
        return job

    def reopen(self):
        with h5py.File(self.path("x.h5"), "r+") as file:
            file["status"][1] = 0

    def run_with_kernels(self, *arguments, ranks, kernels):
        """Runs with an OpenBLAS whose kernels are, by rank, of these processors."""
        with open(self.path("run"), "w", encoding="utf-8") as file:
            file.write("#!/bin/bash\n"
                       f"names=({' '.join(kernels)})\n"
                       "export OPENBLAS_CORETYPE=${names[$OMPI_COMM_WORLD_RANK]}\n"
                       f'exec {common.LOCKSTEP} run "$@"\n')
        os.chmod(self.path("run"), 0o755)
        done = subprocess.run(["mpirun", "-n", str(ranks), "./run", *arguments],
                              capture_output=True, **self.options())
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def test_each_run(self):
        job = self.set_up()
        self.lockstep("run", *job, "-o", "x.h5", "--progress", "none", ranks=2)
        with h5py.File(self.path("x.h5")) as file:
            lines = file.attrs["history"].split("\n")
            self.assertRegex(lines[0], f"^{UTC}: created by lockstep run .*ä'$")
            self.assertRegex(lines[1], f"^{UTC}: continued by .*ä' -o x.h5 --progress none$")
            first, second = file["provenance"].attrs, file["provenance/run_2"].attrs
            self.assertEqual((first["ranks"], second["ranks"]), (1, 2))
            self.assertEqual(set(first), set(second))
            self.assertLessEqual(first["start"], second["start"])
        with xarray.open_dataset(self.path("x.h5")) as data:
            self.assertIn("loss", data)
        self.lockstep("report", "x.h5")

    def test_nothing_to_do(self):
        """A run that trains nothing changes nothing."""
        job = self.set_up()
        self.lockstep("run", *job, "-o", "x.h5")
        with open(self.path("x.h5"), "rb") as file:
            before = file.read()
        self.lockstep("run", *job, "-o", "x.h5")
        with open(self.path("x.h5"), "rb") as file:
            self.assertEqual(file.read(), before)

    def test_other_kernels(self):
        """Where results depend on the BLAS library a change of its kernels is warned of."""
        job = self.set_up(dataset={"transform": [{"pca": {"components": 5}}]})
        errors = self.run_with_kernels(*job, "-o", "x.h5", ranks=2,
                                       kernels=["Sandybridge", "Haswell"])
        self.assertRegex(errors, r"lockstep: warning: x.h5: ranks have different BLAS kernels "
                                 r"\(OpenBLAS \S+ Sandybridge, OpenBLAS \S+ Haswell\): ")
        with h5py.File(self.path("x.h5")) as file:
            self.assertRegex(file["provenance/run_2"].attrs["blas"], "Sandybridge, .* Haswell$")
        self.reopen()
        errors = self.run_with_kernels(*job, "-o", "x.h5", ranks=1, kernels=["Sandybridge"])
        self.assertRegex(errors, r"x.h5: the run before had OpenBLAS \S+ Sandybridge, "
                                 r"OpenBLAS \S+ Haswell, this one has OpenBLAS \S+ Sandybridge: ")

    def test_same_bits(self):
        """Kernels of the program's own have the same bits on every processor."""
        job = self.set_up()
        errors = self.run_with_kernels(*job, "-o", "x.h5", ranks=2,
                                       kernels=["Sandybridge", "Haswell"])
        self.assertNotIn("warning", errors)


class ChangedDataTest(common.ProgramTest):
    """A job is not continued with other data."""

    def setUp(self):
        super().setUp()
        shutil.copy(common.digits(), self.path("data.h5"))
        self.write_job(make_job(dataset={"file": "data.h5"}, sweep={"replicates": 2}))

    def run_job_file(self, *arguments, ranks=None, status=0):
        return self.lockstep("run", "job.yaml", "-o", "x.h5", "--progress", "none", *arguments,
                             ranks=ranks, status=status)

    def change(self, what):
        with h5py.File(self.path("data.h5"), "r+") as file:
            what(file)

    @staticmethod
    def swap_labels(part):
        """Changes the order of two labels, which no sum of labels shows."""
        def change(file):
            labels = file[f"{part}/y"][()]
            other = int(np.argmax(labels != labels[0]))
            labels[[0, other]] = labels[[other, 0]]
            file[f"{part}/y"][...] = labels
        return change

    @staticmethod
    def shorten(file):
        for name in ("x", "y"):
            data, attributes = file[f"train/{name}"][:-100], dict(file[f"train/{name}"].attrs)
            del file[f"train/{name}"]
            file[f"train/{name}"] = data
            file[f"train/{name}"].attrs.update(attributes)

    @staticmethod
    def scale_a_column(file):
        file["test/x"][:, 3] = file["test/x"][:, 3] // 2 + 1

    def rename(self, file):
        names = list(file["train/y"].attrs["class_names"])
        file["train/y"].attrs["class_names"] = ["other", *names[1:]]

    def test_refused(self):
        """Each kind of change, on any number of ranks, before anything is written."""
        count = h5py.File(self.path("data.h5"))["train/y"].shape[0]
        self.run_job_file()
        shutil.copy(self.path("data.h5"), self.path("whole.h5"))
        with h5py.File(self.path("x.h5"), "r+") as file:
            file["status"][1] = 0
            self.assertEqual(len(file.attrs["digests"]), 5)
        with open(self.path("x.h5"), "rb") as file:
            before = file.read()
        cases = [(self.swap_labels("train"), "/train/y differs"),
                 (self.swap_labels("test"), "/test/y differs"),
                 (self.shorten, f"/train/x has {count - 100:,} entries, {count:,} when the job "
                                "started; data.h5: /train/y has"),
                 (self.scale_a_column, "/test/x differs"),
                 (self.rename, "/train/y:class_names differs"),
                 (lambda file: file["train/x"].attrs.modify("scale", 1 / 254), "/train/x differs")]
        for ranks, (change, says) in zip((None, 2, 3, 1, 2, 1), cases):
            with self.subTest(says):
                shutil.copy(self.path("whole.h5"), self.path("data.h5"))
                self.change(change)
                errors = self.run_job_file(ranks=ranks, status=2).stderr
                self.assertIn("lockstep: x.h5: its data have changed: data.h5: " + says, errors)
                with open(self.path("x.h5"), "rb") as file:
                    self.assertEqual(file.read(), before)
        shutil.copy(self.path("whole.h5"), self.path("data.h5"))
        self.run_job_file(ranks=3)

    def test_slices(self):
        self.run_job_file("--slice", "1/2")
        self.change(self.swap_labels("train"))
        self.run_job_file("--slice", "2/2")
        self.assertIn("x/slice_2_of_2.h5: its data have changed: data.h5: /train/y differs",
                      self.run_job_file("--merge", status=2).stderr)
        self.assertFalse(os.path.exists(self.path("x.h5")))

    def test_checkpoint(self):
        self.run_job_file()
        with h5py.File(self.path("x.h5"), "r+") as file:
            del file.attrs["digests"]
            file["status"][1] = 0
        self.change(self.swap_labels("train"))
        self.assertIn("x/trial_2/last.h5: was trained with other data: data.h5: /train/y differs",
                      self.run_job_file(status=1).stderr)

    def test_earlier_version(self):
        """A file without digests is continued with a note, and gets them."""
        self.run_job_file()
        with h5py.File(self.path("x.h5"), "r+") as file:
            del file.attrs["digests"]
            file["status"][1] = 0
        self.assertIn("x.h5: an earlier version wrote it, without digests of the data",
                      self.run_job_file(ranks=2).stderr)
        self.assertEqual(self.run_job_file().stderr, "")

    def test_weights(self):
        """The weights with which layers start."""
        model = ["flatten", dense(24, name="first", weights="w.h5"),
                 dense(10, activation="softmax")]
        self.write_job(make_job(model=["flatten", dense(24, name="first"),
                                       dense(10, activation="softmax")]), "source.yaml")
        self.lockstep("run", "source.yaml", "-o", "source.h5")
        shutil.copy(self.path("source/trial_1/last.h5"), self.path("w.h5"))
        self.write_job(make_job(model=model, sweep={"replicates": 2}))
        self.run_job_file("-o", "y.h5")
        with h5py.File(self.path("y.h5"), "r+") as file:
            file["status"][1] = 0
        with h5py.File(self.path("w.h5"), "r+") as file:
            file["model_weights/first/first/bias:0"][3] += 1
        self.assertIn("y.h5: its data have changed: w.h5: first differs",
                      self.run_job_file("-o", "y.h5", status=2).stderr)

    def test_evaluation(self):
        self.run_job_file()
        self.change(self.swap_labels("train"))
        before = self.lockstep("eval", "x/trial_1/last.h5").stdout
        self.change(self.swap_labels("test"))
        errors = self.lockstep("eval", "x/trial_1/last.h5", "x/trial_2/last.h5", status=2).stderr
        self.assertIn("x/trial_1/last.h5: the data have changed since it was trained: data.h5: "
                      "/test/y differs (to use them all the same, name them with --dataset)",
                      errors)
        after = self.lockstep("eval", "x/trial_1/last.h5", "--dataset", "data.h5").stdout
        self.assertNotEqual(after, before)


class LearntTest(common.ProgramTest):
    """Model files hold what transforms have learnt from the training samples."""

    TRANSFORMS = [["standardization"], [{"pca": {"components": 5, "whiten": True}}],
                  ["pixel_permutation", "standardization", {"pca": {"components": 3}}]]

    def set_up(self, transforms):
        shutil.copy(common.digits(), self.path("data.h5"))
        self.write_job(make_job(dataset={"file": "data.h5", "transform": transforms}))
        shutil.rmtree(self.path("x"), ignore_errors=True)
        if os.path.exists(self.path("x.h5")):
            os.remove(self.path("x.h5"))
        self.lockstep("run", "job.yaml", "-o", "x.h5", ranks=2)

    def evaluate(self, *arguments, ranks=None):
        done = self.lockstep("eval", "x/trial_1/last.h5", *arguments, ranks=ranks)
        return done.stdout.split("\n", 1)[1], done.stderr

    def test_evaluation(self):
        """Is independent of the training samples, which need not exist."""
        for transforms in self.TRANSFORMS:
            with self.subTest(transforms):
                self.set_up(transforms)
                before, _ = self.evaluate()
                with h5py.File(self.path("data.h5"), "r+") as file:
                    file["train/x"][...] = file["train/x"][...] // 3
                self.assertEqual(self.evaluate(), (before, ""))
                os.rename(self.path("data.h5"), self.path("other.h5"))
                self.assertEqual(self.evaluate("--dataset", "other.h5"), (before, ""))
                self.assertEqual(self.evaluate("--dataset", "other.h5", ranks=3)[0], before)

    def test_earlier_version(self):
        """They learn again from the training samples, with a note."""
        self.set_up(["standardization"])
        before, _ = self.evaluate()
        with h5py.File(self.path("x/trial_1/last.h5"), "r+") as file:
            del file["lockstep/transforms"]
        after, errors = self.evaluate()
        self.assertEqual(after, before)
        self.assertIn("x/trial_1/last.h5: an earlier version wrote it, without what its "
                      "transforms have learnt: they learn it again from the training samples of "
                      "data.h5", errors)


class OwnershipTest(common.ProgramTest):
    """One run at a time writes to a results file, by whatever name, and no other program does."""

    def start_endless(self, *arguments, output="x.h5"):
        self.write_job(make_job(train={"epochs": 100000}))
        process = self.start("run", "job.yaml", "-o", output, "--progress", "none", *arguments)
        self.wait_until(lambda: os.path.exists(self.path("x/trial_1/last.h5")) or
                        os.path.exists(self.path("link/trial_1")))
        return process

    def stop(self, process, status=75):
        process.terminate()
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, status, output + errors)
        return errors

    def refused(self, output, says, *arguments):
        done = self.lockstep("run", "job.yaml", "-o", output, *arguments, status=2)
        self.assertIn(says, done.stderr)

    def test_other_program(self):
        process = self.start_endless("--checkpoint-every", "1epoch")
        with self.assertRaises(OSError):
            h5py.File(self.path("x.h5"), "r+")
        with h5py.File(self.path("x.h5"), "r") as file:
            self.assertIn("job", file.attrs)
        self.wait_until(self.last_is_locked)
        with h5py.File(self.path("x/trial_1/last.h5"), "r") as file:
            self.assertIn("model_weights", file)
        self.stop(process)

    def last_is_locked(self):
        """The checkpoint is locked. It is replaced all the time, and locked just after that."""
        try:
            h5py.File(self.path("x/trial_1/last.h5"), "r+").close()
        except OSError as error:
            return "unable to lock file" in str(error)
        return False

    def test_destroyed(self):
        """A program that takes no lock has written to the file: the run does not end well."""
        process = self.start_endless("--checkpoint-every", "1epoch")
        with open(self.path("x.h5"), "r+b") as file:
            file.seek(96)
            file.write(b"junk" * 20000)
        self.assertIn("x.h5: was changed by another program during the run",
                      self.stop(process, status=1))

    def test_hard_link(self):
        process = self.start_endless("--checkpoint-every", "1epoch")
        os.link(self.path("x.h5"), self.path("hard.h5"))
        self.refused("hard.h5", "hard.h5: is in use by another run")
        self.stop(process)

    def test_dangling_link(self):
        """The target of a symbolic link is written, also where it does not exist yet."""
        os.mkdir(self.path("there"))
        os.symlink("there/y.h5", self.path("link.h5"))
        process = self.start_endless(output="link.h5")
        self.assertTrue(os.path.islink(self.path("link.h5")))
        self.refused("there/y.h5", "there/y.h5: is in use by process")
        self.stop(process)
        self.assertEqual(os.listdir(self.path("there")), ["y.h5"])
        self.assertTrue(os.path.exists(self.path("link.status")))

    def models(self, folder):
        """The bytes of all files in a folder of models."""
        found = {}
        for parent, _, names in os.walk(self.path(folder)):
            for name in names:
                with open(os.path.join(parent, name), "rb") as file:
                    found[os.path.join(parent, name)] = file.read()
        return found

    def test_endings(self):
        """Files that differ after the last dot only have folders of their own."""
        self.write_job(make_job())
        files = {"lr0.1": "lr0.1.models", "lr0.2": "lr0.2.models", "a.h5": "a", "a.nc": "a.nc.models"}
        for k, (name, folder) in enumerate(files.items()):
            self.lockstep("run", "job.yaml", "-o", name, "--set", f"train.seed={k}")
            self.assertEqual(sorted(os.listdir(self.path(folder))), ["owner", "trial_1"])
            with h5py.File(self.path(name)) as file, \
                    h5py.File(self.path(f"{folder}/trial_1/last.h5")) as model:
                self.assertEqual(file["weights_hash"][()],
                                 model["lockstep"].attrs["weights_hash"])

    def test_foreign_folder(self):
        """The folder of models that another file has taken is left alone."""
        self.write_job(make_job(sweep={"replicates": 2}))
        self.lockstep("run", "job.yaml", "-o", "x.h5")
        with h5py.File(self.path("x.h5"), "r+") as file:
            file["status"][1] = 0
        with open(self.path("x/owner"), "w", encoding="utf-8") as file:
            file.write("0123456789abcdef\n")
        before = self.models("x")
        self.refused("x.h5", "x.h5: the folder x has models of another results file")
        self.assertEqual(self.models("x"), before)

    def test_moved(self):
        """Models outlast that their results file is moved away."""
        for id_ in (True, False):  # earlier versions wrote none
            with self.subTest(id=id_):
                self.write_job(make_job())
                self.lockstep("run", "job.yaml", "-o", "x.h5")
                if not id_:
                    os.remove(self.path("x/owner"))
                    with h5py.File(self.path("x.h5"), "r+") as file:
                        del file.attrs["id"]
                    self.lockstep("run", "job.yaml", "-o", "x.h5")
                os.rename(self.path("x.h5"), self.path("old.h5"))
                if not id_:
                    os.remove(self.path("x/owner"))
                before = self.models("x")
                for arguments in ((), ("--slice", "1/1")):
                    self.refused("x.h5", "the folder x has models of another results file",
                                 *arguments)
                self.assertEqual(self.models("x"), before)
                os.rename(self.path("old.h5"), self.path("x.h5"))
                self.lockstep("run", "job.yaml", "-o", "x.h5")
                os.remove(self.path("x.h5"))
                shutil.rmtree(self.path("x"))

    def test_run_and_slices(self):
        process = self.start_endless("--checkpoint-every", "1epoch")
        self.refused("x.h5", "x.h5: is in use by process", "--slice", "1/1")
        self.stop(process)
        process = self.start_endless("--slice", "1/2")
        self.wait_until(lambda: os.path.exists(self.path("x/slice_1_of_2.h5")))
        self.refused("x.h5", "x/slice_1_of_2.h5: is in use by process")
        self.refused("x.h5", "x/slice_1_of_2.h5: is in use by process", "--slice", "1/1")
        self.stop(process)


class SingleTrialTest(common.ProgramTest):
    def test_only_epochs(self):
        fields = self.run_job(make_job(), ranks=2)
        with h5py.File(self.path("1.h5")) as file:
            for name in CURVES:
                self.assertEqual(dimensions(file[name]), ["epoch"])
            for name in OF_TRIALS:
                self.assertEqual(file[name].shape, ())
        self.assertEqual(common.states(fields), ["done"])
        for engine in ENGINES:
            with xarray.open_dataset(self.path("1.h5"), engine=engine) as data:
                self.assertEqual(dict(data.sizes), {"epoch": 2})

    def test_trials_of_different_lengths(self):
        """The epoch dimension is that of the longest trial; the others are NaN after their last
        epoch."""
        fields = self.run_job(make_job(train={"epochs": "$epochs"}, sweep={"epochs": [1, 3, 2]}))
        self.assertEqual(list(fields["epochs_run"]), [1, 3, 2])
        for name in CURVES:
            np.testing.assert_array_equal(np.isfinite(fields[name]).sum(axis=1), [1, 3, 2])


class ReferenceTest(common.ProgramTest):
    JOB = {"sweep": {"activation": {"a": "relu", "b": "tanh"}, "rate": [0.1, 0.2, 0.3],
                     "replicates": 1},
           "model": ["flatten", dense(16, activation="$activation"),
                     dense(10, activation="softmax")],
           "train": {"epochs": 1, "optimizer": {"sgd": "$rate / 2"}}}

    def run_with(self, **keys):
        """The groups of references and orderings, as lists of values and attributes."""
        self.run_job(make_job(**self.JOB, **keys))
        with h5py.File(self.path("1.h5")) as file:
            for group in ("references", "orderings"):
                for data in file.get(group, {}).values():
                    self.assertEqual(dimensions(data), ["activation", "rate"])
            return [[(data[()].ravel().tolist(), dict(data.attrs))
                     for _, data in sorted(file.get(group, {}).items())]
                    for group in ("references", "orderings")]

    def test_short_form(self):
        values = [0.9, None, 0.91, 0.92, 0.93, 0.94]
        [(found, attributes)], orderings = self.run_with(reference=values, reference_metric="val_loss",
                                                         reference_label="a paper")
        np.testing.assert_array_equal(found, np.array(values, dtype=float))
        self.assertEqual((attributes["metric"], attributes["of"], attributes["label"]),
                         ("val_loss", "final", "a paper"))
        self.assertEqual(orderings, [])
        with h5py.File(self.path("1.h5")) as file:
            self.assertEqual(list(file["activation"].asstr()[()]), ["a", "b"])
            np.testing.assert_allclose(file["learning_rate"][0, :, 0, 0], [0.05, 0.1, 0.15])

    def test_references(self):
        """Of final and best values and of durations, at some points."""
        references, _ = self.run_with(references=[
            {"value": 0.5, "metric": "val_loss", "of": "best", "at": {"activation": "b"}},
            {"value": [0.8, None], "at": {"rate": 0.2}, "label": "them",
             "comment": "Fewer epochs."},
            {"value": 0.9, "at": {"activation": "a", "rate": "0.3"}, "bound": "lower"},
            {"value": 33, "metric": "trial_seconds"}])
        nan = np.nan
        for (found, attributes), expected, metric in zip(
                references, [[nan] * 3 + [0.5] * 3, [nan, 0.8, nan, nan, nan, nan],
                             [nan, nan, 0.9, nan, nan, nan], [33] * 6],
                ["val_loss", "val_accuracy", "val_accuracy", "trial_seconds"], strict=True):
            np.testing.assert_array_equal(found, expected)
            self.assertEqual(attributes["metric"], metric)
        self.assertEqual([attributes["of"] for _, attributes in references], ["best"] + ["final"] * 3)
        self.assertEqual([attributes.get("bound") for _, attributes in references],
                         [None, None, "lower", None])
        self.assertEqual(references[1][1]["label"], "them")
        self.assertEqual(references[1][1]["comment"], "Fewer epochs.")

    def test_orderings(self):
        _, orderings = self.run_with(orderings=[
            {"best": {"rate": 0.2}, "comment": "By chance."},
            {"worst": [{"rate": 0.1}, {"rate": 0.3}], "at": {"activation": "a"}, "metric": "val_loss"},
            {"order": [{"activation": "b", "rate": 0.3}, {"activation": "a", "rate": 0.1}],
             "of": "best", "label": "them"},
            {"same": [{"activation": "a"}, {"activation": "b"}], "at": {"rate": 0.1}}])
        places = [[2, 1, 2, 2, 1, 2], [2, 1, 2, 0, 0, 0], [2, 0, 0, 0, 0, 1], [1, 0, 0, 2, 0, 0]]
        claims = ["rate = 0.2 best", "rate = 0.1 and rate = 0.3 worst, at activation = a",
                  "activation = b, rate = 0.3 better than activation = a, rate = 0.1",
                  "activation = a and activation = b the same, at rate = 0.1"]
        varied = [["rate"], ["rate"], ["activation", "rate"], ["activation"]]
        self.assertEqual([found for found, _ in orderings], places)
        self.assertEqual([attributes["long_name"] for _, attributes in orderings], claims)
        self.assertEqual([list(attributes["variables"]) for _, attributes in orderings], varied)
        self.assertEqual([attributes["relation"] for _, attributes in orderings],
                         ["better"] * 3 + ["same"])
        self.assertEqual(orderings[2][1]["of"], "best")
        self.assertEqual(orderings[0][1]["comment"], "By chance.")
        out = self.lockstep("report", self.path("1.h5"), "-o", self.path("page.html")).stdout
        for claim in claims:
            self.assertIn(claim, out)

    def test_changed_later(self):
        """Other references, orderings and titles are recorded without training again, also in a file
        of an earlier version."""
        self.run_job(make_job(**self.JOB, references=[{"value": 0.9}, {"value": 0.8}],
                              orderings=[{"best": {"rate": 0.1}}]))
        with h5py.File(self.path("1.h5")) as file:
            hashes, history = file["weights_hash"][()], file.attrs["history"]
        job = make_job(**self.JOB, title="Another", references=[{"value": 0.7, "label": "new"}])
        for old in (False, True):
            if old:
                with h5py.File(self.path("1.h5"), "a") as file:
                    file.attrs.update({"reference": 0.5, "reference_metric": "loss"})
                    file["reference"] = np.zeros((2, 3))
                    del file["references"]
                    file.attrs["job"] = file.attrs["job"].replace('"new"', '"old"')
            self.write_job(job)
            done = self.lockstep("run", "job.yaml", "-o", "1.h5", ranks=2)
            self.assertIn("0 of 6 trials to run", done.stdout + done.stderr)
            with h5py.File(self.path("1.h5")) as file:
                np.testing.assert_array_equal(file["weights_hash"][()], hashes)
                self.assertEqual(file.attrs["title"], "Another")
                self.assertEqual(file.attrs["history"], history)
                self.assertIn('label: "new"', file.attrs["job"])
                self.assertEqual(list(file["references"]), ["0001"])
                self.assertEqual(set(file["references/0001"][()].flat), {0.7})
                for name in ("orderings", "reference"):
                    self.assertNotIn(name, file)
                self.assertNotIn("reference", file.attrs)

    def test_refused(self):
        one, best = {"value": 0.9}, {"best": {"rate": 0.2}}
        for keys, says in [
            ({"reference": [0.9, 0.8]}, "reference: has 2 values for 6 points of the sweep"),
            ({"reference": 0.9, "reference_metric": "val_acc"},
             "reference: unknown curve 'val_acc' (expected one such as 'val_accuracy')"),
            ({"reference": 0.9, "reference_metric": "test_loss"}, "unknown curve 'test_loss'"),
            ({"references": [one, {**one, "metric": "val_acc"}]},
             "references[1].metric: unknown curve 'val_acc' (expected one such as 'val_accuracy')"),
            ({"references": [{**one, "at": {"rats": 0.1}}]},
             "references[0].at: the sweep has no variable 'rats'"),
            ({"references": [{**one, "at": {"replicate": 0}}]},
             "references[0].at: the sweep has no variable 'replicate'"),
            ({"references": [{**one, "at": {"rate": 0.4}}]},
             "references[0].at: rate has no value '0.4' in the sweep (expected one such as '0.1')"),
            ({"references": [{"value": [1, 2], "at": {"activation": "a"}}]},
             "references[0].value: has 2 values for 3 points of the sweep that 'at' selects"),
            ({"references": [{**one, "metric": "trial_seconds", "of": "best"}]},
             "references[0].of: found best of trial_seconds"),
            ({"references": [{"metric": "val_loss"}]}, "references[0]: needs 'value'"),
            ({"references": [{**one, "of": "last"}]}, "references[0].of: unknown word 'last'"),
            ({"orderings": [{"at": {"rate": 0.1}}]},
             "orderings[0]: needs one of 'best', 'worst', 'order' and 'same'"),
            ({"orderings": [{**best, "worst": {"rate": 0.1}}]},
             "orderings[0]: needs one of 'best', 'worst', 'order' and 'same'"),
            ({"orderings": [{"order": {"rate": 0.1}}]}, "orderings[0]: order: found one item"),
            ({"orderings": [best, {"order": [{"rate": 0.1}, {"activation": "a"}]}]},
             "orderings[1].order: items have different variables"),
            ({"orderings": [{"same": [{"rate": 0.1}, {"rate": 0.1}]}]},
             "orderings[0].same: selects a point of the sweep twice"),
            ({"orderings": [{**best, "at": {"rate": 0.1}}]},
             "orderings[0].best: selects no point of those of 'at'"),
            ({"orderings": [{**best, "at": {"rate": 0.2}}]},
             "orderings[0].best: selects all points (expected others to compare with)"),
            ({"orderings": [{**best, "metric": "trial_seconds"}]},
             "orderings[0].metric: neither direction of trial_seconds is better"),
        ]:
            with self.subTest(says):
                self.write_job(make_job(**self.JOB, **keys))
                for verb in ("check", "run"):
                    done = self.lockstep(verb, "job.yaml", status=2)
                    self.assertIn(says, done.stderr)
                    self.assertRegex(done.stderr, r"\Alockstep: job.yaml:\d+: [^\n]+\n\Z")


class OutcomeTest(common.ProgramTest):
    """final_NAME and best_NAME, against the curves."""

    def check(self, fields):
        run, best = fields["epochs_run"], fields["best_epoch"]
        epoch = np.where(fields["best_restored"], best, run)
        for name, better in METRICS.items():
            for i in np.ndindex(run.shape):
                row = fields[name][i][:run[i]]
                self.assertEqual(fields["final_" + name][i], row[epoch[i] - 1])
                self.assertEqual(fields["best_" + name][i], better(row))

    def test_trials_of_different_lengths(self):
        """With the weights of the last epoch, and of the best."""
        fields = self.run_job(make_job(
            train={"epochs": 12, "optimizer": {"sgd": {"learning_rate": 0.8}},
                   "early_stopping": {"monitor": "val_loss", "patience": 1,
                                      "restore_best_weights": "$restore"}},
            sweep={"restore": [False, True], "replicates": 3}), ranks=2)
        self.assertGreater(len(set(fields["epochs_run"].flat)), 1)
        self.check(fields)

    def test_samples_for_tests(self):
        fields = self.run_job(make_job(dataset={"validation": 0.2}))
        self.check(fields)
        self.assertEqual(fields["final_test_accuracy"], fields["test_accuracy"])
        self.assertEqual(fields["final_test_loss"], fields["test_loss"])

    def test_unfinished(self):
        """A trial that diverges has no outcome."""
        self.write_job(make_job(train={"optimizer": {"sgd": {"learning_rate": 1e30}}}))
        self.lockstep("run", "job.yaml", "-o", "x.h5", status=1)
        fields = common.read(self.path("x.h5"))
        self.assertEqual(common.states(fields), ["diverged"])
        self.assertTrue(np.isnan(fields["final_loss"]) and np.isnan(fields["best_loss"]))

    def test_earlier_version(self):
        """A file without these values is continued."""
        path = self.write_job(make_job(sweep={"replicates": 2}))
        self.lockstep("run", path, "-o", "x.h5")
        with h5py.File(self.path("x.h5"), "r+") as file:
            for name in [name for name in file if name.startswith(("final_", "best_"))
                         and name not in OF_TRIALS[:4]]:
                del file[name]
            file["status"][1] = 0
        self.lockstep("run", path, "-o", "x.h5")
        fields = common.read(self.path("x.h5"))
        self.assertEqual(common.states(fields), ["done", "done"])
        self.assertNotIn("final_loss", fields)


class EarlyStoppingTest(common.ProgramTest):
    """With a learning rate far too large the loss fluctuates, so that it soon stops improving."""

    WATCH = {"monitor": "val_loss", "patience": 2}

    def run_stopping(self, **settings):
        job = make_job(train={"epochs": 40, "optimizer": {"sgd": {"learning_rate": 0.8}},
                              "early_stopping": {**self.WATCH, **settings}})
        return self.run_job(job, ranks=2)

    def test_stops(self):
        fields = self.run_stopping()
        self.assertEqual(common.states(fields), ["stopped_early"])
        run, best = int(fields["epochs_run"]), int(fields["best_epoch"])
        self.assertEqual(run, best + 2)
        self.assertLess(run, 40)
        self.assertEqual(best, 1 + np.nanargmin(fields["val_loss"]))
        for name in CURVES:
            self.assertTrue(np.isfinite(fields[name][:run]).all())
            self.assertTrue(np.isnan(fields[name][run:]).all())

    def test_restores_the_best_weights(self):
        """The final weights are those of a run that ends after the best epoch."""
        stopped = self.run_stopping(restore_best_weights=True)
        self.assertNotEqual(stopped["weights_hash"], self.run_stopping()["weights_hash"])
        job = make_job(train={"epochs": int(stopped["best_epoch"]),
                              "optimizer": {"sgd": {"learning_rate": 0.8}}})
        self.assertEqual(self.run_job(job, ranks=2)["weights_hash"], stopped["weights_hash"])


if __name__ == "__main__":
    common.main()
