"""Every integer that a results file or a checkpoint stores, changed to another value, one at a time:
whatever the program makes of the file, it ends by itself and without an error of memory.

The tests of integers_test.py change each integer (of an array the first and the last one) to one of
the values, and run one verb; those of tests/long try all values and all verbs."""

import concurrent.futures
import ctypes
import ctypes.util
import os
import re
import shutil
import signal
import subprocess
import sys
from typing import NamedTuple

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import dense, make_job

SECONDS = 60
SANITIZER = re.compile(r"Sanitizer|runtime error")
HEADER = 512  # bytes of the header of a checkpoint
EPOCHS = 12


# ---- Integers ------------------------------------------------------------------------------------


class Place(NamedTuple):
    """An element of a dataset or, unless `attribute` is empty, of an attribute."""
    name: str
    attribute: str
    index: tuple


def is_integer(dtype):
    return dtype.kind in "iu" and h5py.check_ref_dtype(dtype) is None


def indices(shape, every):
    """Those of all elements, or of the first and the last one."""
    found = list(np.ndindex(shape))
    return found if every or len(found) < 3 else [found[0], found[-1]]


def places(path, every):
    found = []

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and is_integer(item.dtype):
            found.extend(Place(name, "", i) for i in indices(item.shape, every))
        for attribute in item.attrs:
            identity = item.attrs.get_id(attribute)
            if is_integer(identity.dtype):
                found.extend(Place(name, attribute, i) for i in indices(identity.shape, every))

    with h5py.File(path, "r") as file:
        visit("/", file)
        file.visititems(visit)
    return found


def values(dtype):
    """What each integer is changed to: the last one needs a larger type."""
    most = np.iinfo(dtype).max
    return (-1, 0, int(most), min(int(most) + 1, 2**64 - 1))


def put(path, place, value):
    """Changes the integer, and the type where the value is not of it."""
    with h5py.File(path, "a") as file:
        item = file[place.name]
        old = item.attrs[place.attribute] if place.attribute else item[()]
        new = np.array(old)
        limits = np.iinfo(new.dtype)
        if not limits.min <= value <= limits.max:
            larger = np.uint64 if value > np.iinfo(np.int64).max else np.int64
            new = new.astype(larger)
        new[place.index] = value
        if place.attribute:
            item.attrs.create(place.attribute, new)
        elif new.dtype == item.dtype:
            item[...] = new
        else:
            attributes = {name: item.attrs[name] for name in item.attrs
                          if name not in ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS")}
            del file[place.name]
            file[place.name] = new
            file[place.name].attrs.update(attributes)


class Hash(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def seal(path):
    """Writes the checksum of a changed checkpoint."""
    digest = ctypes.CDLL("libxxhash.so.0").XXH3_128bits
    digest.restype, digest.argtypes = Hash, [ctypes.c_char_p, ctypes.c_size_t]
    with open(path, "r+b") as file:
        content = file.read()[HEADER:]
        sum_ = digest(content, len(content))
        file.seek(0)
        file.write((f"LOCKSTEP CHECKPOINT 1\nbytes {len(content)}\n"
                    f"xxh3 {sum_.high:016x}{sum_.low:016x}\n").encode().ljust(HEADER, b"\0"))


# ---- Tests ---------------------------------------------------------------------------------------


class IntegersTest(common.ProgramTest):
    every = False

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("bin"))
        with open(self.path("bin/gnuplot"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nexit 1\n")  # figures take most of the time of a report
        os.chmod(self.path("bin/gnuplot"), 0o755)
        self.lockstep("data", "digits", "--train", "300", "--test", "50", "-o", "digits.h5")
        self.write_job(make_job(
            name="small", dataset={"file": self.path("digits.h5")}, model=["flatten", dense(4, activation="$act"),
                                 dense(10, activation="softmax")],
            train={"shards": 2, "epochs": EPOCHS, "batch_size": 100,
                   "early_stopping": {"monitor": "val_loss", "patience": 50},
                   "optimizer": {"sgd": {"momentum": 0.5}}},
            sweep={"act": ["relu", "tanh"], "ranks_per_trial": 1}))

    def run_in(self, folder, *arguments):
        environment = {**os.environ, **common.ENVIRONMENT, "PATH": self.path("bin") + ":" + os.environ["PATH"]}
        try:
            done = subprocess.run([common.LOCKSTEP, *arguments], cwd=folder, env=environment,
                                  capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return "hangs"
        said = done.stderr.decode(errors="replace")
        if done.returncode not in (0, 1, 2, 75) or SANITIZER.search(said):
            return f"status {done.returncode}: {said[-2000:]}"
        return None if done.returncode == 0 or "lockstep: " in said else "fails without a message"

    def attempt(self, case):
        """Copies the folder, changes an integer, runs the verbs; returns what is wrong."""
        number, (template, target, sealed, verbs, place, value) = case
        folder = self.path(f"case{number}")
        shutil.copytree(template, folder, symlinks=True)
        put(os.path.join(folder, target), place, value)
        if sealed:
            seal(os.path.join(folder, target))
        problems = []
        for verb in verbs:
            problem = self.run_in(folder, *verb)
            if problem:
                problems.append(f"{place} = {value}: {' '.join(verb)}: {problem}")
        shutil.rmtree(folder)
        return problems

    def change_all(self, template, target, verbs, sealed=False):
        path = os.path.join(template, target)
        cases = []
        for i, place in enumerate(places(path, self.every)):
            with h5py.File(path, "r") as file:
                item = file[place.name]
                dtype = (item.attrs.get_id(place.attribute) if place.attribute else item).dtype
            tried = values(dtype) if self.every else [values(dtype)[i % 4]]
            used = verbs if self.every else [verbs[(i // 4 + i) % len(verbs)]]
            cases += [(template, target, sealed, used, place, value) for value in tried]
        self.assertGreater(len(cases), 20)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            problems = sum(pool.map(self.attempt, enumerate(cases)), [])
        self.assertFalse(problems, "\n".join(problems))

    def new_folder(self, name):
        os.mkdir(self.path(name))
        shutil.copy(self.path("job.yaml"), self.path(name))
        return self.path(name)

    def start_in(self, folder, *arguments):
        """The program in another folder."""
        return subprocess.Popen([common.LOCKSTEP, *arguments], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, **{**self.options(), "cwd": folder})

    def test_results(self):
        folder = self.new_folder("whole")
        self.start_in(folder, "run", "job.yaml", "--progress", "none").communicate()
        shutil.copy(os.path.join(folder, "results/small.h5"), os.path.join(folder, "other.h5"))
        self.change_all(folder, "results/small.h5", [
            ("report", "results/small.h5"), ("report", "other.h5", "results/small.h5"),
            ("run", "job.yaml")])

    def test_slices(self):
        folder = self.new_folder("slices")
        for slice_ in ("1/2", "2/2"):
            self.start_in(folder, "run", "job.yaml", "--slice", slice_).communicate()
        self.change_all(folder, "results/small/slice_2_of_2.h5", [("run", "job.yaml", "--merge")])

    def test_checkpoint(self):
        folder = self.new_folder("interrupted")
        process = self.start_in(folder, "run", "job.yaml", "--checkpoint-every", "1steps")
        while " epoch=3/" not in process.stdout.readline():
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        process.communicate()
        self.assertEqual(process.returncode, 75)
        last = "results/small/trial_1/last.h5"
        self.change_all(folder, last, [
            ("eval", last), ("errors", last), ("activations", last), ("run", "job.yaml")],
            sealed=True)
