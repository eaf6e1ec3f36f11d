"""lockstep data with arrays: .npy, .npz, HDF5 and netCDF files, valid and invalid.

Usage: convert_arrays_test.py PATH_TO_LOCKSTEP. Needs no network."""

import io
import os
import resource
import subprocess
import sys
import unittest
import warnings
import zipfile

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from conversions import ConvertTest


MAY_MOUNT = subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode == 0


class ArrayTest(ConvertTest):
    """.npy and .npz."""

    def setUp(self):
        super().setUp()
        self.x = np.random.default_rng(1).integers(0, 256, (30, 5, 4)).astype(np.uint8)
        self.y = np.arange(30) % 3

    def save(self, name="a.npz", **arrays):
        np.savez(self.path(name), **arrays)
        return self.path(name)

    def npy(self, array):
        stream = io.BytesIO()
        np.save(stream, array)
        return stream.getvalue()

    def test_archive(self):
        for save in (np.savez, np.savez_compressed):
            save(self.path("a.npz"), x=self.x, y=self.y)
            output = self.convert(self.path("a.npz"), "--test", "0.3", "--stratify")
            self.assertIn("21 training and 9 test samples of 5 x 4 x 1, 3 classes", output)
            self.assertIn("  x: 5 x 4 bytes, input\n", output)
        file = self.out()
        self.assertEqual(file["train/x"].dtype, np.uint8)
        self.assertEqual(file["train/x"].attrs["scale"], 1 / 255)
        self.assertEqual(list(np.bincount(file["test/y"])), [3, 3, 3])
        self.convert(self.path("a.npz"))
        np.testing.assert_array_equal(self.out()["train/x"], self.x)
        np.testing.assert_array_equal(self.out()["train/y"], self.y)

    def test_names(self):
        """Usual names of parts are known; others are given."""
        given = ["--x", "images", "--y", "labels", "--test-x", "images2", "--test-y", "labels2"]
        for names, options in (("x_train y_train x_test y_test", []),
                               ("X_train y_train X_test y_test", []),
                               ("x y x_test y_test", []),
                               ("train_x train_y test_x test_y", []),
                               ("train_images train_labels test_images test_labels", []),
                               ("images labels images2 labels2", given)):
            with self.subTest(names):
                arrays = (self.x, self.y, self.x[:4], self.y[:4])
                path = self.save("a.npz", **dict(zip(names.split(), arrays)))
                self.convert(path, *options)
                np.testing.assert_array_equal(self.out()["train/x"], self.x)
                np.testing.assert_array_equal(self.out()["test/x"], self.x[:4])
                np.testing.assert_array_equal(self.out()["test/y"], self.y[:4])
        path = self.save("a.npz", x=self.x, y=self.y, x_test=self.x[:4], y_test=self.y[:4])
        self.convert(path, "--test", "0.5")
        self.assertEqual(self.out()["test/x"].shape[0], 15)

    def test_part_without_test(self):
        """Arrays for training alone; and y with several inputs, of which one is x."""
        self.convert(self.save(x_train=self.x, y_train=self.y))
        self.assertEqual(self.out()["train/x"].shape[0], 30)
        self.assertNotIn("test", self.out())
        self.convert(self.save(x=self.x[:, 0], z=self.x[:, 1], y=self.y))
        self.assertEqual(self.out()["train/x"].shape, (30, 8))

    def test_files(self):
        paths = [self.store(name + ".npy", self.npy(a)) for name, a in
                 (("x", self.x * 0.5), ("y", self.y.astype(np.float32)), ("w", self.y + 1))]
        self.convert(*paths, "--weight", "w")
        np.testing.assert_array_equal(self.out()["train/x"], self.x * np.float32(0.5))
        np.testing.assert_array_equal(self.out()["train/weight"], self.y + 1)
        self.assertEqual(self.out()["train/y"].dtype, np.float32)

    def test_types(self):
        values = np.array([[0, 1], [3, 100]])
        for kind in "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 >i2 >u4 >i8 >f2 >f4 >f8".split():
            with self.subTest(kind):
                array = values.astype(bool if kind == "b1" else kind)
                self.convert(self.save(x=array, y=self.y[:2]))
                np.testing.assert_array_equal(self.out()["train/x"], array.astype(np.float32))
        special = np.array([[-2.5, 6e-8], [65504, -0.0]], np.float16)
        self.convert(self.save(x=special, y=self.y[:2]))
        np.testing.assert_array_equal(self.out()["train/x"], special.astype(np.float32))
        self.convert(self.save(x=np.array([[-5], [-128]], np.int8), y=np.array([7, -7])))
        np.testing.assert_array_equal(self.out()["train/x"], [[-5], [-128]])
        np.testing.assert_array_equal(self.out()["train/y"], [1, 0])
        self.assertEqual(list(self.out()["train/y"].attrs["class_names"]), ["-7", "7"])

    def test_texts(self):
        for kind in ("U", "S"):
            names = np.array(["d\u00f6g" if kind == "U" else "dog", "cat"], kind)
            self.convert(self.save(x=self.x, y=names[self.y % 2]))
            np.testing.assert_array_equal(self.out()["train/y"], 1 - self.y % 2)
            self.assertEqual(self.out()["train/y"].attrs["class_names"][0], "cat")

    def test_describe(self):
        x = np.stack([np.ones(30), np.arange(30)], 1)
        x[3, 1] = np.nan
        lines = self.lockstep("data", "--describe", self.save(x=x, y=self.y)).stdout.splitlines()
        self.assertEqual(lines[2].split(), ["x", "number", "2", "0", "29", "7.83051", "1", "1",
                                            "of", "2", "elements", "constant"])
        self.assertEqual(lines[5].split()[-6:], ["0:", "10,", "1:", "10,", "2:", "10"])

    def test_refused(self):
        nan = self.x * 1.0
        nan[7, 3, 2] = np.nan
        archives = {
            "has no column y (expected --target": dict(x=self.x, z=self.y),
            "a.npz: y: has 29 samples (expected 30 as in x": dict(x=self.x, y=self.y[1:]),
            "a.npz: sample 7: column x: is missing or not a number": dict(x=nan, y=self.y),
            "x: is in Fortran order": dict(x=np.asfortranarray(self.x), y=self.y),
            "has elements of type |O": dict(x=np.array([{}] * 30), y=self.y),
            "has elements of type c16": dict(x=self.x * 1j, y=self.y),
            "x: is a single element": dict(x=np.float32(1), y=self.y),
            "x: has more than 5 dimensions": dict(x=np.ones((30, 1, 1, 1, 1, 1)), y=self.y),
            "x: has a dimension that is 0": dict(x=np.ones((30, 0)), y=self.y),
        }
        for says, arrays in archives.items():
            with self.subTest(says):
                self.refuse(self.save(**arrays), says=says)
        good = self.npy(self.x)
        self.refuse(self.save(x=self.x, y=np.array([b"a\xff", b"b"] * 15)),
                    says="column y: has a text that is not UTF-8")
        files = {
            "x.npy: is of no known format": b"\x93NUMPX" + good[6:],
            "x.npy: x: ends after 29 samples (expected 30": good[:-1],
            "x.npy: x: ends within its header": good[:50],
            "x.npy: x: ends within its header (expected an array": b"\x93NUMPY\x02\x00\xff\xff",
            "x.npy: x: goes on after": good + b"!",
        }
        y = self.store("y.npy", self.npy(self.y))
        for says, content in files.items():
            with self.subTest(says):
                self.refuse(self.store("x.npy", content), y, says=says)
        self.refuse(self.store("x.csv", "x,y\n1,2\n"), y, says="x.csv: is a CSV file (expected no")

    def test_damaged(self):
        path = self.save(x=self.x, y=self.y)
        with open(path, "rb") as file:
            content = bytearray(file.read())
        content[400] ^= 1
        self.refuse(self.store("bad.npz", bytes(content)), says="x: the archive is damaged")
        self.refuse(self.store("bad.npz", bytes(content[:-50])), says="cannot open the archive")

    def test_same_names(self):
        """Archives may hold two arrays of one name."""
        with zipfile.ZipFile(self.path("two.npz"), "w") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for array in (self.x, self.x[:, :1], self.y):
                archive.writestr("y.npy" if array is self.y else "x.npy", self.npy(array))
        self.refuse(self.path("two.npz"), says="two.npz: has two columns 'x'")

    def test_bomb(self):
        """An archive that expands to 2 GB needs little memory and ends with its header."""
        header = self.npy(np.zeros((30, 5), np.uint8))[:128]
        with zipfile.ZipFile(self.path("bomb.npz"), "w", zipfile.ZIP_DEFLATED,
                             compresslevel=1) as archive:
            with archive.open("x.npy", "w", force_zip64=True) as member:
                member.write(header)
                for _ in range(200):
                    member.write(bytes(1 << 20))
            archive.writestr("y.npy", self.npy(self.y))
        self.refuse(self.path("bomb.npz"), says="x: goes on after its 30 samples")


class HdfTest(ConvertTest):
    def setUp(self):
        super().setUp()
        self.x = np.random.default_rng(1).normal(size=(40, 6, 2))
        self.names = ["rest", "walk"]
        self.y = np.arange(40) % 2
        with h5py.File(self.path("s.hdf5"), "w") as file:
            file.create_dataset("raw/signals", data=self.x, chunks=(7, 6, 2), compression="gzip")
            file["raw/labels"] = [self.names[k] for k in self.y]
            file["raw/person"] = self.y // 2
            file["raw/gaps"] = np.where(self.y > 0, -999, self.x[:, 0, 0])
            file["raw/gaps"].attrs["_FillValue"] = -999.0
            file["test_signals"] = self.x[:3]
            file["test_labels"] = self.names[:1] * 3

    def test_paths(self):
        for slash in ("", "/"):
            output = self.convert(self.path("s.hdf5"), "--x", slash + "raw/signals", "--y",
                                  slash + "raw/labels", "--test-x", slash + "test_signals",
                                  "--test-y", slash + "test_labels")
            self.assertIn("40 training and 3 test samples of 6 x 2 x 1, 2 classes", output)
        file = self.out()
        np.testing.assert_array_equal(file["train/x"], self.x.astype(np.float32))
        np.testing.assert_array_equal(file["train/y"], self.y)
        self.assertEqual(list(file["train/y"].attrs["class_names"]), self.names)
        np.testing.assert_array_equal(file["test/y"], [0, 0, 0])

    def test_fill_value(self):
        self.convert(self.path("s.hdf5"), "--x", "raw/gaps", "--y", "raw/labels", "--missing",
                     "drop")
        np.testing.assert_array_equal(self.out()["train/x"][:, 0],
                                      self.x[::2, 0, 0].astype(np.float32))

    def test_netcdf(self):
        import netCDF4  # Debian's; it has an HDF5 of its own
        with netCDF4.Dataset(self.path("s.nc"), "w") as file:
            file.createDimension("sample", 40)
            file.createDimension("time", 6)
            file.createVariable("wind", "f4", ("sample", "time"))[:] = self.x[:, :, 0]
            file.createVariable("rain", "f8", ("sample",))[:] = self.x[:, 0, 1]
        self.convert(self.path("s.nc"), "--x", "wind", "--target", "rain")
        np.testing.assert_array_equal(self.out()["train/x"], self.x[:, :, 0].astype(np.float32))
        np.testing.assert_array_equal(self.out()["train/y"], self.x[:, 0, 1].astype(np.float32))

    def test_describe(self):
        """Also of a dataset."""
        self.convert(self.path("s.hdf5"), "--x", "raw/signals", "--y", "raw/labels")
        output = self.lockstep("data", "--describe", "out.h5").stdout
        self.assertIn("out.h5: an HDF5 file of 40 samples", output)
        self.assertRegex(output, r"train/x +number +6 x 2 ")
        self.assertRegex(output, r"train/y +integer +0 +1 +0.5 +0 +0: 20, 1: 20")

    def test_refused(self):
        path = self.path("s.hdf5")
        cases = {
            "has 3 samples (expected 40": ("--x", "raw/signals", "--y", "test_labels"),
            "s.hdf5: /raw/lables: cannot open": ("--x", "raw/signals", "--y", "raw/lables"),
            "gaps: is missing or not a number": ("--x", "raw/gaps", "--y", "raw/labels"),
        }
        for says, options in cases.items():
            with self.subTest(says):
                self.refuse(path, *options, says=says)


class NetcdfTest(ConvertTest):
    """netCDF-3 files, in all classic formats. The library that writes them is another one."""

    FORMATS = ["NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA"]

    def setUp(self):
        super().setUp()
        self.wind = np.random.default_rng(1).normal(size=(40, 3, 2)).astype(np.float32)
        self.kinds = np.array([["a", "bee", "sea"][i % 3] for i in range(40)])

    def write(self, model="NETCDF3_CLASSIC", record=True, **variables):
        """Variables are (type, dimensions, values)."""
        import netCDF4  # Debian's; it has an HDF5 of its own
        with netCDF4.Dataset(self.path("a.nc"), "w", format=model) as file:
            file.title, file.level = "wind", np.arange(5, dtype="f8")
            for dimension, length in (("sample", None if record else 40), ("level", 3),
                                      ("side", 2), ("letter", 5)):
                file.createDimension(dimension, length)
            for variable, (dtype, dimensions, values) in variables.items():
                settings = {"fill_value": -1} if variable == "gaps" else {}
                made = file.createVariable(variable, dtype, dimensions, **settings)
                made.units = "m/s"
                made[:] = values
        return self.path("a.nc")

    def write_all(self, model="NETCDF3_CLASSIC", record=True):
        one = ("sample",)
        characters = np.array([list(text.ljust(5)) for text in self.kinds], "S1")
        return self.write(
            model, record, level=("f4", ("level",), [1, 2, 3]), number=("i4", (), 7),
            wind=("f4", ("sample", "level", "side"), self.wind),
            rain=("f8", one, np.arange(40) / 3),
            byte=("i1", one, np.arange(40) - 20), short=("i2", one, np.arange(40) * -500),
            kind=("S1", ("sample", "letter"), characters))

    def test_formats(self):
        for model in self.FORMATS:
            for record in (True, False):
                with self.subTest(model, record=record):
                    path = self.write_all(model, record)
                    self.convert(path, "--x", "wind", "--target", "kind", "--weight", "rain")
                    train = self.out()["train"]
                    np.testing.assert_array_equal(train["x"], self.wind)
                    np.testing.assert_array_equal(train["y"], np.arange(40) % 3)
                    np.testing.assert_array_equal(train["weight"],
                                                  (np.arange(40) / 3).astype(np.float32))
                    self.convert(path, "--x", "byte", "--x", "short", "--target", "rain")
                    x = self.out()["train/x"][()]
                    np.testing.assert_array_equal(x[:, 0], np.arange(40) - 20)
                    np.testing.assert_array_equal(x[:, 1], np.arange(40) * -500)

    def test_wide_types(self):
        one = ("sample",)
        path = self.write("NETCDF3_64BIT_DATA", a=("u1", one, np.arange(40)),
                          b=("u2", one, np.arange(40) + 65000),
                          c=("u4", one, np.arange(40) + 2**31),
                          d=("i8", one, np.arange(40) - 2**40), y=("u8", one, np.arange(40) % 2))
        self.assertIn("  y: integers, target of 2 classes", self.convert(path))
        x = self.out()["train/x"][()]
        np.testing.assert_array_equal(x[:, 0], np.arange(40))
        np.testing.assert_array_equal(x[:, 1], np.arange(40) + 65000)
        np.testing.assert_array_equal(x[:, 2:], np.stack(
            [np.arange(40) + 2**31, np.arange(40) - 2**40], axis=1).astype(np.float32))

    def test_single_record_variable(self):
        """Its records are not filled up to four bytes."""
        path = self.write(x=("i2", ("sample",), np.arange(40)))
        self.convert(path, "--x", "x", "--target", "x=value")
        np.testing.assert_array_equal(self.out()["train/x"][:, 0], np.arange(40))

    def test_stream(self):
        """The number of records is not known when the header of a stream is written."""
        path = self.write_all()
        with open(path, "r+b") as file:
            file.seek(4)
            file.write(b"\xff\xff\xff\xff")
        self.convert(path, "--x", "wind", "--target", "kind")
        np.testing.assert_array_equal(self.out()["train/x"], self.wind)

    def test_missing(self):
        """What _FillValue marks, and what was never written."""
        values = np.ma.masked_array(np.arange(40.0), np.arange(40) == 3)
        for name in ("gaps", "unwritten"):
            path = self.write(**{name: ("f4", ("sample",), values),
                                 "y": ("i4", ("sample",), np.arange(40) % 2)})
            self.refuse(path, says=f"a.nc: sample 3: column {name}: is missing")
            self.convert(path, "--missing", "drop")
            self.assertEqual(self.out()["train/x"].shape, (39, 1))

    def test_describe(self):
        path = self.write_all()
        output = self.lockstep("data", "--describe", path).stdout
        self.assertIn("a.nc: a netCDF-3 file of 40 samples", output)
        self.assertRegex(output, r"wind +number +3 x 2 ")
        self.assertRegex(output, r"kind +text .*a: 14, bee: 13, sea: 13")
        self.assertNotIn("\nnumber", output)  # one value is not a column

    def test_refused(self):
        path = self.write_all()
        self.refuse(path, "--target", "rain",
                    says="a.nc: wind: has 40 samples (expected 3 as in level; --x and --target")
        self.refuse(path, "--x", "wynd", "--target", "rain", says="has no column 'wynd'")
        with open(path, "rb") as file:
            content = file.read()
        cases = {
            "ends within its header": content[:100],
            "ends within its 40 samples": content[:-20],
            "a list in its header that is damaged": content[:8] + b"\0\0\0\x0d" + content[12:],
            "has a negative number": b"CDF\5" + b"\xfe" + bytes(7) + content[8:],
            "list in its header that is damaged or too long":
                content[:12] + b"\x7f\xff\xff\xff" + content[16:],
        }
        for says, damaged in cases.items():
            with self.subTest(says):
                self.refuse(self.store("bad.nc", damaged), "--x", "wind", "--target", "rain",
                            says=says)


class DiskTest(ConvertTest):
    def test_full_disk(self):
        """Nothing is left of a file that cannot be written."""
        np.savez(self.path("a.npz"), x=np.ones((1000, 200)), y=np.arange(1000) % 2)
        done = subprocess.run(common.command(None, "data", "a.npz", "-o", "bad.h5"),
                              capture_output=True, restore_signals=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                                    (100000, 100000)),
                              **self.options())
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stderr, r"\Alockstep: [^\n]*bad.h5[^\n]*File too large[^\n]*\n\Z")
        self.assertEqual(os.listdir(self.folder), ["a.npz"])

    @unittest.skipUnless(MAY_MOUNT, "needs the right to mount")
    def test_full_file_system(self):
        """A disk that is full when half of the samples are written."""
        np.savez(self.path("a.npz"), x=np.ones((1000, 200)), y=np.arange(1000) % 2)
        shell = ("mkdir small && mount -t tmpfs -o size=400k none small && \"$@\" ; status=$?; "
                 "ls small; exit $status")
        done = subprocess.run(["unshare", "-m", "sh", "-c", shell, "sh", common.LOCKSTEP, "data",
                               "a.npz", "-o", "small/bad.h5"], capture_output=True,
                              **self.options())
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertRegex(done.stderr,
                         r"\Alockstep: small/bad\.h5[^\n]*: No space left on device\n\Z")


if __name__ == "__main__":
    common.main()
