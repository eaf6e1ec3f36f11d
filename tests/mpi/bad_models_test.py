"""Checkpoints and model files that are damaged, foreign or do not fit. A trial resumes from the
checkpoint before the damaged one, with the same final weights; without any it fails with a
message."""

import atexit
import os
import re
import shutil
import signal
import subprocess
import tempfile

import h5py
import numpy as np

import bad_input
import common
from bad_input import case, job, load_tests, once  # pylint: disable=unused-import

LONG_JOB = job(("epochs: 2", "epochs: 16\n  shards: 2"), ("units: 10", "name: codes, units: 10"))
RESUMES = r".* resumes after epoch=\d+/16 step=\d+/10.*"


# ---- What runs have left -------------------------------------------------------------------------


def begin_folder(prefix):
    folder = tempfile.mkdtemp(prefix=prefix)
    atexit.register(shutil.rmtree, folder)
    os.symlink(bad_input.digits(), os.path.join(folder, "digits.h5"))
    with open(os.path.join(folder, "job.yaml"), "w", encoding="utf-8") as file:
        file.write(LONG_JOB)
    return folder


@once
def whole():
    """A folder in which the job has completed."""
    folder = begin_folder("lockstep-whole-")
    subprocess.run([common.LOCKSTEP, "run", "job.yaml", "--progress", "none"], cwd=folder,
                   check=True)
    return folder


@once
def interrupted():
    """A folder in which the job was interrupted in its third epoch or later."""
    folder = begin_folder("lockstep-broken-off-")
    process = subprocess.Popen([common.LOCKSTEP, "run", "job.yaml", "--checkpoint-every", "2steps"],
                               cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    while b" epoch=3/" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 75, process.returncode
    return folder


def weights_hash(folder):
    with h5py.File(os.path.join(folder, "results", "small.h5"), "r") as file:
        return int(file["weights_hash"][()])


# ---- Checkpoints ---------------------------------------------------------------------------------

LAST, PREVIOUS = (f"results/small/trial_1/{name}.h5" for name in ("last", "previous"))
ALL_MAY_CHANGE = (LAST, PREVIOUS, "results/small/trial_1/best.h5", "results/small.h5",
                  "results/small.status")


def same_weights(folder):
    """The weights are those of an uninterrupted run."""
    return None if weights_hash(folder) == weights_hash(whole()) else "other weights"


def rewrite(change):
    """A change of the file's bytes."""
    def apply(path):
        with open(path, "rb") as file:
            content = file.read()
        with open(path, "wb") as file:
            file.write(change(content))
    return apply


def cut(share):
    """The first bytes, a multiple of 64."""
    return rewrite(lambda content: content[: int(len(content) * share) // 64 * 64])


def flip(share):
    def change(content):
        at = int(len(content) * share)
        return content[:at] + bytes([content[at] ^ 8]) + content[at:][1:]
    return rewrite(change)


def replaced(old, new):
    return rewrite(lambda content: content.replace(old, new, 1))


def resumed(name, says, last=None, previous=None, resumes=True, **options):
    """`lockstep run` of the interrupted job, with its checkpoints changed."""
    def prepare(folder):
        shutil.copytree(interrupted(), folder, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("digits.h5"))
        for path, change in ((LAST, last), (PREVIOUS, previous)):
            if change:
                change(os.path.join(folder, path))
    if resumes:
        options = {"status": 0, "prints": RESUMES, "then": same_weights, **options}
    else:
        options = {"status": 1, "prints": r".* status=failed .*", **options}
    return case(name, "run job.yaml", says, prepare=prepare, changes=ALL_MAY_CHANGE,
                **{"leaves": r"results/small/trial_1/(last|previous|best)\.h5", **options})


NONE_LEFT = ["trial 1 failed: results/small/trial_1: none of its checkpoints can be used (remove "
             "the folder to begin the trial again)",
             "results/small.h5: of 1 trials 0 diverged and 1 failed"]


def bad(name, why):
    return bad_input.regex(rf"warning: results/small/trial_1/{name}\.h5: {why}")


CUT = r"is incomplete: \d+ bytes \(expected \d+\)"

CHECKPOINTS = [
    resumed("untouched", None),
    resumed("last_missing", None, last=os.remove),
    *[resumed(f"last_cut_at_{eighth}_of_8", bad("last", CUT if eighth else "is not a checkpoint .*"),
              last=cut(eighth / 8)) for eighth in range(8)],
    *[resumed(f"flipped_bit_{eighth}_of_8", bad("last", r"is (damaged: .*|not a checkpoint .*)"),
              last=flip(eighth / 8)) for eighth in (0, 1, 4, 7)],
    resumed("last_is_a_folder", bad("last", r"is a folder \(expected a checkpoint\)"),
            last=lambda path: (os.remove(path), os.mkdir(path))),
    resumed("newer_version", bad("last", r"was written by a newer version .*"),
            last=replaced(b"CHECKPOINT 1", b"CHECKPOINT 2")),
    resumed("keras_file", bad("last", "is not a checkpoint .*"), last=rewrite(lambda c: c[512:])),
    resumed("both_cut", [bad("last", CUT), bad("previous", CUT), *NONE_LEFT], last=cut(0.5),
            previous=cut(0.7), resumes=False),
    resumed("last_cut_and_no_previous", [bad("last", CUT), *NONE_LEFT], last=cut(0.5),
            previous=os.remove, resumes=False),
    resumed("exchanged", None, last=lambda path: shutil.copy(
        os.path.join(os.path.dirname(path), "previous.h5"), path)),
    resumed("of_another_model", bad("last", r"has no layer 'codes' .*"),
            last=lambda path: shutil.copy(other_model(), path)),
    resumed("leftover_new", None, last=lambda path: shutil.copy(path, path + ".new"),
            leaves=r".*"),
]


@once
def other_model():
    """The checkpoint of a job with another layer."""
    folder = begin_folder("lockstep-other-")
    with open(os.path.join(folder, "job.yaml"), "w", encoding="utf-8") as file:
        file.write(job(("- flatten\n", "- flatten\n  - dense: {units: 5}\n")))
    subprocess.run([common.LOCKSTEP, "run", "job.yaml", "--progress", "none"], cwd=folder,
                   check=True)
    return os.path.join(folder, LAST)


# ---- Model files ---------------------------------------------------------------------------------


def with_model(change=None):
    """A model file with a change."""
    def make(path):
        shutil.copy(os.path.join(whole(), LAST), path)
        if change:
            change(path)
    return make


def within(change):
    def apply(path):
        with h5py.File(path, "a") as file:
            change(file)
    return apply


def remove_job(file):
    del file["lockstep"].attrs["job"]


def move_folder(file):
    """The folder in which the job was run is not there."""
    attributes = file["lockstep"].attrs
    attributes["job"] = re.sub("^folder: .*$", "folder: /none", attributes["job"], flags=re.M)


def remove_layer(file):
    del file["model_weights/codes"]


def make_wider(file):
    names = []
    file["model_weights"].visititems(lambda name, item: names.append(name) if isinstance(
        item, h5py.Dataset) and item.ndim == 2 else None)
    del file["model_weights"][names[0]]
    file["model_weights"][names[0]] = np.zeros((784, 12), np.float32)


def keras_weights(path):
    """What Keras 3's model.save_weights("m.weights.h5") writes."""
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = np.zeros((784, 10), np.float32)
        file["layers/dense/vars"].attrs["name"] = "codes"


def asked(name, arguments, says, change=None, model=True, **options):
    files = {} if model is None else {"model.h5": with_model(change) if model is True else model}
    return case(name, arguments, says, files={**files, **options.pop("files", {})}, **options)


MODELS = [
    asked("missing", "eval model.h5",
          "model.h5: cannot open: No such file or directory", model=None),
    asked("errors_missing", "errors model.h5",
          "model.h5: cannot open: No such file or directory", model=None),
    asked("embed_missing", "embed model.h5 --layer codes",
          "model.h5: cannot open: No such file or directory", model=None),
    asked("folder", "eval model.h5",
          "model.h5: is not a model file (expected one written by a run, or an HDF5 file of "
          "Keras)", model=os.mkdir),
    asked("text", "errors model.h5",
          "model.h5: is not a model file (expected one written by a run, or an HDF5 file of "
          "Keras)", model="no model"),
    asked("empty", "embed model.h5 --layer codes",
          "model.h5: is not a model file (expected one written by a run, or an HDF5 file of "
          "Keras)", model=b""),
    asked("dataset", "eval digits.h5",
          "digits.h5: is not a model file (expected one written by a run, or an HDF5 file of "
          "Keras)"),
    asked("results_file", "errors model.h5",
          "model.h5: is not a model file (expected one written by a run, or an HDF5 file of "
          "Keras)",
          model=lambda path: shutil.copy(os.path.join(whole(), "results/small.h5"), path)),
    asked("weights_of_keras_3", "eval model.h5",
          "model.h5: holds weights without a model (expected one written by a run or by Keras's "
          "model.save(\"NAME.h5\"))", model=keras_weights),
    asked("cut_in_half", "eval model.h5",
          "model.h5: is not a model file (expected one written by a run, or an HDF5 file of "
          "Keras)", change=cut(0.5)),
    asked("without_job", "eval model.h5",
          "model.h5: has no job (expected a model file written by a run)",
          change=within(remove_job)),
    asked("without_layer", "errors model.h5",
          "model.h5: cannot read which arrays its layer 'codes' has", change=within(remove_layer)),
    asked("wider_layer", "embed model.h5 --layer codes",
          "model.h5: the kernel of its layer 'codes' is [784, 12] (expected [784, 10])",
          change=within(make_wider)),
    asked("unknown_layer", "embed model.h5 --layer coeds",
          "model.h5: has no layer 'coeds' (did you mean 'codes'?)"),
    asked("unknown_metric", "eval model.h5 --metrics acuracy",
          "--metrics: train.metrics[1]: unknown metric 'acuracy' (did you mean 'accuracy'?)"),
    asked("no_such_sample", "activations model.h5 --samples 120",
          "activations: there is no sample 120 in digits.h5 (expected 0 to 119)"),
    asked("dataset_moved", "eval model.h5",
          "model.h5: 'digits.h5' is not in /none: the one in the working directory is used",
          change=within(move_folder), status=0, prints=".*",
          leaves="model_eval.*"),
    asked("dataset_gone", "eval model.h5",
          "model.h5:4: dataset.file: cannot open 'digits.h5': No such file or directory (looked in "
          "'/none' and in the working directory)", change=within(move_folder),
          prepare=lambda folder: os.remove(folder + "/digits.h5")),
    asked("other_dataset_gone", "eval model.h5 --dataset other.h5",
          "other.h5: cannot open: No such file or directory"),
    asked("output_is_a_folder", "eval model.h5 -o folder",
          "folder: is no file (expected the name of one to make)", files={"folder": os.mkdir}),
    asked("output_on_a_device", "errors model.h5 -o /dev/full",
          "/dev/full: is no file (expected the name of one to make)"),
    asked("codes_of_no_images", "decode model.h5 --layer codes",
          "model.h5: no output has the shape of its inputs (expected an autoencoder)"),
]

CheckpointTest = bad_input.table("CheckpointTest", CHECKPOINTS)
ModelFileTest = bad_input.table("ModelFileTest", MODELS)

if __name__ == "__main__":
    common.main()
