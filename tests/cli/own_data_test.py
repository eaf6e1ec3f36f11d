"""From own data to a job: docs/data.md does what it says, and named datasets are made on first use.

Usage: own_data_test.py PATH_TO_LOCKSTEP. Needs no network."""

import os
import re
import shlex
import shutil
import struct
import subprocess
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import dense, make_job
from conversions import ConvertTest, PngTest, SPECIES


class PageTest(PngTest):
    """docs/data.md does what it says."""

    PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/data.md")

    def blocks(self, language):
        with open(self.PAGE, encoding="utf-8") as file:
            return re.findall(rf"^```{language}\n(.*?)^```$", file.read(), re.DOTALL | re.MULTILINE)

    def make_files(self):
        random = np.random.default_rng(1)
        y = np.arange(60) % 3
        x = random.normal(size=(60, 4)) + y[:, None]
        self.store("flowers.csv", "length,width,species\n" + "".join(
            f"{a:.2f},{b:.2f},{SPECIES[k]}\n" for (a, b), k in zip(x[:, :2], y)))
        self.store("flowers.yaml", self.blocks("yaml")[0])
        np.savez(self.path("arrays.npz"), x=x, y=y)
        np.savez(self.path("parts.npz"), images=x, labels=y, images_test=x[:9], labels_test=y[:9])
        np.save(self.path("x.npy"), x)
        np.save(self.path("y.npy"), y)
        for part in ("train", "test"):
            for i, pixels in enumerate(self.grey):
                self.store(f"photos/{part}/{SPECIES[i % 3]}/{i}.png", self.png(pixels))
        with h5py.File(self.path("signals.h5"), "w") as file:
            file["raw/eeg"] = random.normal(size=(60, 20, 2))
            file["raw/stage"], file["raw/person"] = y, np.arange(60) // 6
        header = bytes([0, 0, 8, 3]) + struct.pack(">III", 4, 3, 3)
        self.store("images.gz", header + bytes(36))
        self.store("labels.gz", bytes([0, 0, 8, 1]) + struct.pack(">I", 4) + bytes([0, 1, 0, 1]))

    def test_routes(self):
        shutil.rmtree(self.path("photos"))
        self.make_files()
        commands = "".join(self.blocks("sh")).splitlines()
        self.assertGreater(len(commands), 8)
        for command in commands:
            with self.subTest(command):
                program, *arguments = shlex.split(command)
                self.assertEqual(program, "lockstep")
                self.lockstep(*arguments)
                self.assertLessEqual(len(command), 120)
        self.assertEqual(self.lockstep("run", "flowers.yaml").stderr, "")

    def test_writer(self):
        script, = self.blocks("python")
        self.assertLessEqual(len(script.splitlines()), 10)
        subprocess.run([sys.executable, "-c", script], check=True, **self.options())
        job = make_job(model=[dense(2, activation="softmax")], dataset={"file": "mine.h5"})
        self.assertEqual(common.states(self.run_job(job, ranks=None)), ["done"])


class NamedTest(ConvertTest):
    def test_first_use(self):
        """A generated dataset is made when a job names it, once, as `lockstep data` makes it."""
        os.environ["LOCKSTEP_DATA"] = self.path("cache")
        self.addCleanup(os.environ.pop, "LOCKSTEP_DATA")
        job = self.write_job(make_job(dataset={"name": "digits"}, train={"epochs": 1}))
        path = self.path("cache/digits.h5")
        self.assertEqual(self.lockstep("check", job).stderr,
                         f"lockstep: generating digits, as {path}\n")
        made = os.stat(path)
        self.assertEqual(self.lockstep("check", job).stderr, "")
        self.assertIn("there already", self.lockstep("data", "digits").stdout)
        self.assertEqual(os.stat(path).st_mtime_ns, made.st_mtime_ns)

    def test_fetched(self):
        os.environ["LOCKSTEP_DATA"] = self.path("cache")
        os.environ["PATH"], path = self.path("none"), os.environ["PATH"]
        self.addCleanup(os.environ.update, PATH=path)
        self.addCleanup(os.environ.pop, "LOCKSTEP_DATA")
        job = self.write_job(make_job(dataset={"name": "mnist"}))
        lines = self.lockstep("check", job, status=1).stderr.splitlines()
        self.assertEqual(lines[0], "lockstep: fetching mnist, as " + self.path("cache/mnist.h5"))
        self.assertIn("mnist: no source has it", lines[1])


if __name__ == "__main__":
    common.main()
