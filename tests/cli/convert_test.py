"""lockstep data FILE: conversion of files to datasets, which are then trained on; invalid files.

Usage: convert_test.py PATH_TO_LOCKSTEP. Needs no network."""

import base64
import gzip
import io
import json
import os
import re
import resource
import shlex
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import dense, make_job

# An RGB image of 8 x 16 pixels, (16 x, 30 y, 128) at column x and row y, written by libjpeg.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4R"
    "DgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"
    "FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAIABADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAA"
    "AAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAk"
    "M2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKT"
    "lJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QA"
    "HwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdh"
    "cRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hp"
    "anN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk"
    "5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDyLwn+y/8Ac/0T/wAdr2bwn+y/9z/RP/HaKK8/OeJMy1/eHznh"
    "txdm3ufvP6+8/9k=")

SPECIES = ["setosa", "versicolor", "virginica"]


class ConvertTest(common.ProgramTest):
    def store(self, name, content):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(content, str):
            content = content.encode()
        with (gzip.open if name.endswith(".gz") else open)(path, "wb") as file:
            file.write(content)
        return path

    def convert(self, *arguments):
        """Standard output."""
        return self.lockstep("data", *arguments, "-o", "out.h5", "--force").stdout

    def refuse(self, *arguments, says, status=2):
        result = self.lockstep("data", *arguments, "-o", "bad.h5", status=status)
        self.assertRegex(result.stderr, r"\Alockstep: [^\n]+\n\Z")
        self.assertIn(says, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertFalse([name for name in os.listdir(self.folder) if name.startswith("bad.h5")])

    def out(self):
        file = h5py.File(self.path("out.h5"))
        self.addCleanup(file.close)
        return file


class CsvTest(ConvertTest):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(1)
        self.y = np.arange(60) % 3
        self.x = np.round(random.normal(size=(60, 2)) * 0.3 + self.y[:, None], 2)
        self.colour = random.integers(0, 2, 60)
        self.lines = ["length,width,colour,kind"] + [
            f"{a},{b},{['blue', 'red'][c]},{SPECIES[k]}"
            for (a, b), c, k in zip(self.x, self.colour, self.y)]

    def table(self, name="t.csv", change=None, ending="\n"):
        """The table as a file; `change` maps numbers of lines, from 1, to their text."""
        lines = list(self.lines)
        for number, text in (change or {}).items():
            lines[number - 1] = text
        return self.store(name, ending.join(lines) + ending)

    def test_content(self):
        output = self.convert(self.table(), "--target", "kind")
        self.assertIn("60 training and 0 test samples of 4, 3 classes", output)
        self.assertIn("  length: numbers, input\n", output)
        self.assertIn("  colour: 2 texts, input\n", output)
        self.assertIn("  kind: 3 texts, target of 3 classes\n", output)
        train = self.out()["train"]
        one_hot = np.eye(2)[self.colour]
        np.testing.assert_array_equal(train["x"], np.hstack([self.x, one_hot]).astype(np.float32))
        np.testing.assert_array_equal(train["y"], self.y)
        self.assertEqual(list(train["y"].attrs["class_names"]), SPECIES)
        self.assertEqual(list(train["x"].attrs["feature_names"]),
                         ["length", "width", "colour=blue", "colour=red"])
        self.assertEqual(json.loads(train["x"].attrs["encoding"])[2],
                         {"column": "colour", "categories": ["blue", "red"], "one_hot": True})

    def test_trains(self):
        self.convert(self.table(), "--target", "kind", "--test", "0.25", "--stratify")
        job = make_job(model=[dense(8), dense(3, activation="softmax")],
                       dataset={"file": "out.h5", "validation": "test"},
                       train={"epochs": 30, "batch_size": 15,
                              "optimizer": {"adam": {"learning_rate": 0.02}}})
        self.assertGreater(self.run_job(job, ranks=None)["val_accuracy"].ravel()[-1], 0.8)

    def test_forms(self):
        """Files with the same table give the same dataset."""
        self.convert(self.table(), "--target", "kind")
        expected = self.out()["train/x"][()]
        quoted = ['"' + line.replace(",", '","') + '"' for line in self.lines]
        headless = "\n".join(self.lines[1:])
        forms = {
            "crlf.csv": ("\r\n".join(self.lines), []),
            "bom.csv": ("\ufeff" + "\n".join(self.lines), []),
            "t.csv.gz": ("\n".join(self.lines), []),
            "t.tsv": ("\n".join(self.lines).replace(",", "\t"), []),
            "semicolon.csv": ("\n".join(self.lines).replace(",", ";"), []),
            "colon.csv": ("\n".join(self.lines).replace(",", ":"), ["--separator", ":"]),
            "quoted.csv": ("\n".join(quoted), []),
            "blank.csv": ("\n\n".join(self.lines).replace(",", " , "), []),
            "headless.csv": (headless, ["--no-header"]),
        }
        for name, (text, options) in forms.items():
            with self.subTest(name):
                target = "4" if "--no-header" in options else "kind"
                self.convert(self.store(name, text), "--target", target, *options)
                np.testing.assert_array_equal(self.out()["train/x"], expected)

    def test_quotes(self):
        text = 'name,"a ""b"", c",y\n"x, ""y""",1,0\n"two\nlines",2,1\nx,3,0\n'
        self.convert(self.store("q.csv", text), "--target", "y", "--categories", "integer")
        np.testing.assert_array_equal(self.out()["train/x"], [[2, 1], [0, 2], [1, 3]])
        self.assertEqual(json.loads(self.out()["train/x"].attrs["encoding"]), [
            {"column": "name", "categories": ["two\nlines", "x", 'x, "y"'], "one_hot": False},
            {"column": 'a "b", c'}])

    def test_roles(self):
        text = "a,b,w,g,u,v,k\n" + "".join(
            f"{i},{2 * i},{i / 2},{i % 5},{i},{i * 0.5},{i % 2 + 3}\n" for i in range(40))
        output = self.convert(self.store("r.csv", text), "--target", "u", "--target", "v",
                              "--target", "k", "--weight", "w", "--group", "g", "--test", "0.4")
        self.assertIn("24 training and 16 test samples of 2, k: 2 classes, u: 1 value, v: 1 value",
                      output)
        file = self.out()
        rows = [file[part]["x"][:, 0].astype(int) for part in ("train", "test")]
        self.assertEqual(sorted(np.concatenate(rows)), list(range(40)))
        self.assertFalse({i % 5 for i in rows[0]} & {i % 5 for i in rows[1]})
        for part, numbers in zip(("train", "test"), rows):
            np.testing.assert_array_equal(file[part]["weight"], numbers / 2)
            np.testing.assert_array_equal(file[part]["y/v"], numbers * 0.5)
            np.testing.assert_array_equal(file[part]["y/k"], numbers % 2)
        self.assertEqual(list(file["train/y/k"].attrs["class_names"]), ["3", "4"])
        self.assertNotIn("class_count", file["train/y/u"].attrs)

    def test_kinds_of_target(self):
        text = "x,n\n" + "".join(f"{i},{i % 4}\n" for i in range(20))
        path = self.store("k.csv", text)
        self.assertIn("4 classes", self.convert(path, "--target", "n"))
        self.assertIn("1 value", self.convert(path, "--target", "n=value"))
        self.assertIn("20 classes", self.convert(path, "--x", "n", "--y", "x"))
        self.assertEqual(self.out()["train/x"].shape, (20, 1))
        path = self.store("many.csv", "x,n\n" + "".join(f"{i},{i}\n" for i in range(30)))
        self.assertIn("1 value", self.convert(path, "--target", "n"))
        self.assertIn("30 classes", self.convert(path, "--target", "n=class"))

    def test_fraction(self):
        """The parts have exact sizes, are random, and depend on the seed alone."""
        path = self.table()
        parts = []
        for seed in ("1", "1", "2"):
            self.convert(path, "--target", "kind", "--test", "0.2", "--seed", seed)
            parts.append(self.out()["test/x"][()])
            self.assertEqual(parts[-1].shape, (12, 4))
        np.testing.assert_array_equal(parts[0], parts[1])
        self.assertFalse(np.array_equal(parts[0], parts[2]))
        self.convert(path, "--target", "kind", "--test", "0.2", "--stratify")
        self.assertEqual(list(np.bincount(self.out()["test/y"])), [4, 4, 4])
        self.convert(path, "--target", "kind", "--test", "0.3", "--stratify")
        self.assertEqual(list(np.bincount(self.out()["test/y"])), [6, 6, 6])
        self.convert(path, "--target", "kind", "--test", "0.125", "--stratify")
        self.assertEqual(list(np.bincount(self.out()["test/y"])), [3, 3, 2])

    def test_test_file(self):
        test = self.store("test.csv", "kind,colour,width,length\nvirginica,red,1,2\n")
        self.convert(self.table(), "--target", "kind", "--test", test)
        np.testing.assert_array_equal(self.out()["test/x"], [[2, 1, 0, 1]])
        np.testing.assert_array_equal(self.out()["test/y"], [2])
        for line, says in (("virginica,pink,1,2", "colour: 'pink' (expected blue, red)"),
                           ("rose,red,1,2", "kind: 'rose' (expected setosa, versicolor or")):
            test = self.store("test.csv", "kind,colour,width,length\nsetosa,red,1,2\n" + line)
            self.refuse(self.table(), "--target", "kind", "--test", test,
                        says="test.csv:3: column " + says)
        test = self.store("test.csv", "kind,colour,width\nsetosa,red,1\n")
        self.refuse(self.table(), "--target", "kind", "--test", test, says="no column 'length'")

    def test_missing(self):
        text = "a,b,y\n1,NA,0\n,5,1\n3,7,0\n8,,1\n?,9,0\n"
        path = self.store("m.csv", text)
        self.refuse(path, "--target", "y", says="m.csv:6: column a: '?' (expected a number")
        arguments = (path, "--target", "y=class", "--na", "?")
        self.refuse(*arguments, says="m.csv:2: column b: is missing")
        self.convert(*arguments, "--missing", "mean")
        np.testing.assert_array_equal(self.out()["train/x"],
                                      [[1, 7], [4, 5], [3, 7], [8, 7], [4, 9]])
        self.convert(*arguments, "--missing", "median")
        np.testing.assert_array_equal(self.out()["train/x"],
                                      [[1, 7], [3, 5], [3, 7], [8, 7], [3, 9]])
        output = self.convert(*arguments, "--missing", "drop")
        self.assertIn("4 samples with missing values left out", output)
        np.testing.assert_array_equal(self.out()["train/x"], [[3, 7]])

    def test_fill_of_training_samples(self):
        """The test part does not contribute to what is filled in."""
        text = "a,y\n" + "".join(f"{i * i},0\n" for i in range(20)) + ",1\n"
        self.convert(self.store("f.csv", text), "--target", "y", "--test", "0.5", "--missing",
                     "mean")
        fill = json.loads(self.out()["train/x"].attrs["encoding"])[0]["fill"]
        known = {i * i for i in range(20)}
        values = [x for x in self.out()["train/x"][:, 0] if x in known]
        self.assertAlmostEqual(fill, np.mean(values), places=3)

    def test_texts_like_numbers(self):
        path = self.store("z.csv", "zip,y\n01,0\n02,1\n01,0\n")
        self.convert(path, "--target", "y", "--text", "zip")
        np.testing.assert_array_equal(self.out()["train/x"], [[1, 0], [0, 1], [1, 0]])

    def test_describe(self):
        text = "a,b,c,d\n1.5,x,3,7\n,y,3,8\n4.5,x,3,7\n"
        lines = self.lockstep("data", "--describe", self.store("d.csv", text)).stdout.splitlines()
        self.assertEqual(lines[0], self.path("d.csv") + ": a CSV file of 3 samples")
        self.assertEqual([line.split() for line in lines[1:]], [
            ["column", "type", "shape", "minimum", "maximum", "mean", "missing", "values"],
            ["a", "number", "1.5", "4.5", "3", "1"],
            ["b", "text", "0", "x:", "2,", "y:", "1"],
            ["c", "integer", "3", "3", "3", "0", "constant;", "3:", "3"],
            ["d", "integer", "7", "8", "7.33333", "0", "7:", "2,", "8:", "1"]])

    def test_terminal(self):
        """Control characters of a file do not reach the terminal."""
        path = self.store("t.csv", 'a\x1b[2J,y\n"x\n\x1b]0;t",0\n')
        for arguments in (("--describe", path), (path, "-o", "out.h5")):
            output = self.lockstep("data", *arguments).stdout
            self.assertNotIn("\x1b", output)
            self.assertIn("a\\x1b[2J", output)

    def test_again(self):
        path = self.table()
        arguments = ("data", path, "-o", "out.h5", "--target", "kind")
        self.lockstep(*arguments)
        self.assertIn("there already", self.lockstep(*arguments).stdout)
        made = os.stat(self.path("out.h5")).st_mtime
        os.utime(path, (made + 10, made + 10))
        self.assertIn("is older than", self.lockstep(*arguments, status=2).stderr)

    def test_refused(self):
        row = self.lines[3].split(",")
        changes = {
            "t.csv:4: has 3 fields (expected 4": {4: ",".join(row[:3])},
            "t.csv:61: has 5 fields (expected 4": {61: self.lines[60] + ",1"},
            "t.csv:61: column width: 'wide' (expected a number": {61: "1,wide,red,setosa"},
            "t.csv:5: column length: '0x1A' (expected a number": {5: "0x1A,1,red,setosa"},
            "t.csv:5: column length: 'inf' (expected a number": {5: "inf,1,red,setosa"},
            "t.csv:5: column length: '1e999' (expected a finite": {5: "1e999,1,red,setosa"},
            "t.csv:5: column length: is too large for float32": {5: "1e99,1,red,setosa"},
            "t.csv:7: column width: is missing": {7: "1,,red,setosa"},
            "t.csv:7: column kind: is missing": {7: "1,1,red,NA"},
            "t.csv:1: has two columns 'width'": {1: "length,width,width,kind"},
            "t.csv:9: a quote is inside": {9: '1,2,r"e"d,setosa'},
            "t.csv:9: a quote is inside of a field or not closed": {9: '1,2,"red,setosa'},
            "t.csv:9: contains a NUL byte": {9: "1,2,r\0d,setosa"},
        }
        for says, change in changes.items():
            with self.subTest(says):
                self.refuse(self.table(change=change), "--target", "kind", says=says)
        path = self.table()
        arguments = {
            "has no column 'kinds'": ("--target", "kinds"),
            "has no column 'size'": ("--target", "kind", "--drop", "size"),
            "has no column left": ("--target", "kind", "--drop", "length", "--drop", "width",
                                   "--drop", "colour"),
            "column kind: has texts (expected numbers": ("--target", "kind=value"),
            "--stratify: length is values": ("--target", "length", "--test", "0.5", "--stratify"),
            "go with --test FRACTION": ("--target", "kind", "--stratify"),
            "leaves 60 for training": ("--target", "kind", "--test", "0.001"),
            "--test: '1.5'": ("--target", "kind", "--test", "1.5"),
            "--missing: 'zero'": ("--target", "kind", "--missing", "zero"),
            "t.csv: has no column y (expected --target": (),
        }
        for says, options in arguments.items():
            with self.subTest(says):
                self.refuse(path, *options, says=says)
        self.refuse(self.path("none.csv"), "--target", "y", says="none.csv: cannot read: No such")

    def test_other_texts(self):
        contents = {
            "is empty": b"",
            "has no samples": b"a,b\n",
            "consists of numbers (expected the names": b"1,2\n3,4\n",
            "is UTF-16": "a,y\n1,2\n".encode("utf-16"),
            "t.csv:3: is not UTF-8": "a,y\nb,0\nn\u00e4h,1\n".encode("latin-1"),
            "t.csv:1: is not UTF-8": b"a\x99" + b"\x99" * 20 + b",y\n1,0\n",
            "lines end in CR only": b"a,y\r1,0\r2,1\r",
        }
        for says, content in contents.items():
            with self.subTest(says):
                self.refuse(self.store("t.csv", content), "--target", "y", says=says)
        many = "a,y\n" + "".join(f"t{i},0\n" for i in range(10001))
        self.refuse(self.store("t.csv", many), "--target", "y", says="t.csv:10002: column a: more")
        cut = gzip.compress(("a,y\n" + "1,0\n" * 9999).encode())[:-30]
        with open(self.path("t.csv.gz"), "wb") as file:
            file.write(cut)
        self.refuse(self.path("t.csv.gz"), "--target", "y", says="the gzip data are cut off")

    def test_long_file(self):
        """Memory does not grow with the file, whose last row is wrong; a gzip bomb is harmless."""
        with gzip.open(self.path("long.csv.gz"), "wb", compresslevel=1) as file:
            file.write(b"a,b,y\n")
            for _ in range(20):
                file.write(b"1.5,2.5,0\n" * 50000)
            file.write(b"1.5,x,0\n")
        self.refuse(self.path("long.csv.gz"), "--target", "y",
                    says="long.csv.gz:1000002: column b: 'x' (expected a number")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertLess(peak, 150000)  # KiB; the file has 200 bytes for each of them
        with gzip.open(self.path("bomb.csv.gz"), "wb") as file:
            for _ in range(70):
                file.write(b"1" * (1 << 20))
        self.refuse(self.path("bomb.csv.gz"), "--target", "y", says="is longer than 64 MiB")


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
        """Keras's names of parts are known; others are given."""
        arrays = dict(x_train=self.x, y_train=self.y, x_test=self.x[:4], y_test=self.y[:4])
        for path, options in (
                (self.save("a.npz", **arrays), []),
                (self.save("b.npz", **{name[2:] + name[0]: a for name, a in arrays.items()}),
                 ["--x", "trainx", "--y", "trainy", "--test-x", "testx", "--test-y", "testy"])):
            self.convert(path, *options)
            np.testing.assert_array_equal(self.out()["train/x"], self.x)
            np.testing.assert_array_equal(self.out()["test/x"], self.x[:4])
            np.testing.assert_array_equal(self.out()["test/y"], self.y[:4])

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


class PngTest(ConvertTest):
    """Base of tests with images."""

    def png(self, pixels, kind=None, depth=8, palette=b""):
        """Pixels [height, width] or [height, width, channel] as a PNG file."""
        pixels = np.asarray(pixels, ">u2" if depth == 16 else np.uint8)
        channels = 1 if pixels.ndim == 2 else pixels.shape[2]
        kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels] if kind is None else kind

        def chunk(name, data):
            return (struct.pack(">I", len(data)) + name + data +
                    struct.pack(">I", zlib.crc32(name + data)))

        header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], depth, kind, 0, 0, 0)
        rows = b"".join(b"\0" + row.tobytes() for row in pixels)
        return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
                (chunk(b"PLTE", palette) if palette else b"") +
                chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))

    def setUp(self):
        super().setUp()
        self.grey = np.random.default_rng(1).integers(0, 256, (6, 5, 4)).astype(np.uint8)
        for i, pixels in enumerate(self.grey):
            self.store(f"photos/{['cat', 'dog', 'eel'][i % 3]}/{i}.png", self.png(pixels))
        self.store("photos/.hidden", "")


class ImageTest(PngTest):
    def test_classes(self):
        output = self.convert(self.path("photos"))
        self.assertIn("6 training and 0 test samples of 5 x 4 x 1, 3 classes", output)
        train = self.out()["train"]
        np.testing.assert_array_equal(train["x"][..., 0], self.grey[[0, 3, 1, 4, 2, 5]])
        np.testing.assert_array_equal(train["y"], [0, 0, 1, 1, 2, 2])
        self.assertEqual(list(train["y"].attrs["class_names"]), ["cat", "dog", "eel"])

    def test_kinds(self):
        """Palettes, transparency, 16 bits and colours."""
        colours = np.arange(5 * 4 * 3).reshape(5, 4, 3).astype(np.uint8)
        alpha = np.concatenate([colours, np.full((5, 4, 1), 9, np.uint8)], 2)
        palette = np.arange(60).astype(np.uint8)
        kinds = {
            "rgb": self.png(colours),
            "rgba": self.png(alpha),
            "deep": self.png(colours.astype(int) * 256 + 77, depth=16),
            "palette": self.png(np.arange(20).reshape(5, 4), kind=3, palette=palette.tobytes()),
        }
        for name, content in kinds.items():
            with self.subTest(name):
                self.store("photos/cat/0.png", content)
                self.convert(self.path("photos"))
                x = self.out()["train/x"][()]
                self.assertEqual(x.shape, (6, 5, 4, 3))
                np.testing.assert_array_equal(x[0], colours)
                np.testing.assert_array_equal(x[1], np.repeat(self.grey[3][..., None], 3, 2))
        self.convert(self.path("photos"), "--color-mode", "grayscale")
        expected = np.floor(colours @ [0.299, 0.587, 0.114] + 0.5)
        np.testing.assert_allclose(self.out()["train/x"][0, ..., 0], expected, atol=1)

    def test_jpeg(self):
        self.store("j/a/1.jpg", JPEG)
        self.store("j/b/1.JPEG", JPEG)
        self.convert(self.path("j"))
        x = self.out()["train/x"][0].astype(int)
        rows, columns = np.mgrid[:8, :16]
        np.testing.assert_allclose(x[..., 0], columns * 16, atol=20)
        np.testing.assert_allclose(x[..., 1], rows * 30, atol=20)
        np.testing.assert_allclose(x[..., 2], 128, atol=20)

    def test_resize(self):
        ramp = np.repeat(np.arange(12)[None] * 20, 6, 0)
        self.store("r/a/1.png", self.png(ramp))
        self.store("r/b/1.png", self.png(np.full((3, 3), 7)))
        self.convert(self.path("r"), "--resize", "3x6")
        x = self.out()["train/x"][()]
        self.assertEqual(x.shape, (2, 3, 6, 1))
        np.testing.assert_array_equal(x[1], 7)
        middle = (np.arange(6) * 2 + 0.5) * 20
        np.testing.assert_allclose(x[0, 1, 1:-1, 0], middle[1:-1], atol=1)
        self.convert(self.path("r"), "--resize", "6x6", "--crop")
        np.testing.assert_array_equal(self.out()["train/x"][0, ..., 0], ramp[:, 3:9])

    def test_test_folder(self):
        self.store("later/dog/1.png", self.png(self.grey[0]))
        self.convert(self.path("photos"), "--test", self.path("later"))
        np.testing.assert_array_equal(self.out()["test/y"], [1])
        self.store("later/fox/1.png", self.png(self.grey[0]))
        self.refuse(self.path("photos"), "--test", self.path("later"),
                    says="later/fox/1.png: column y: 'fox' (expected cat, dog or")

    def test_refused(self):
        good = self.png(self.grey[0])
        damaged = bytearray(good)
        damaged[-20] ^= 255
        bomb = bytearray(good)
        bomb[16:24] = struct.pack(">II", 100000, 100000)
        bomb[29:33] = struct.pack(">I", zlib.crc32(bytes(bomb[12:29])))
        cases = {
            "dog/1.png: the image is damaged": bytes(damaged),
            "dog/1.png: the image is damaged: Read Error": good[:-30],
            "dog/1.png: has 100000 x 100000 pixels (expected up to": bytes(bomb),
            "dog/1.png: has 4 x 4 pixels (expected 5 x 4 as in": self.png(self.grey[0][1:]),
            "dog/1.png: is no image (expected PNG or JPEG)": b"GIF89a",
            "dog/1.png: the image is damaged: Premature end": JPEG[:-90],
        }
        for says, content in cases.items():
            with self.subTest(says):
                self.store("photos/dog/1.png", content)
                options = ("--resize", "5x4") if "Premature" in says else ()
                self.refuse(self.path("photos"), *options, says=says)
        self.store("photos/dog/1.png", good)
        os.mkdir(self.path("photos/owl"))
        self.refuse(self.path("photos"), says="photos/owl: has no images (expected those of the")
        self.store("photos/owl/list.txt", "owls")
        self.refuse(self.path("photos"), says="owl/list.txt: is no image (expected .png")


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


if __name__ == "__main__":
    common.main()
