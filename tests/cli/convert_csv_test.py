"""lockstep data with CSV files: datasets, which are then trained on, and invalid files.

Usage: convert_csv_test.py PATH_TO_LOCKSTEP. Needs no network."""

import gzip
import json
import os
import resource
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import dense, make_job
from conversions import ConvertTest, SPECIES


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

    def test_target_vector(self):
        """Several labels are one target, whose names predictions have."""
        random = np.random.default_rng(1)
        x = np.round(random.normal(size=(60, 2)), 3)
        labels = np.column_stack([x[:, 0] > 0, x[:, 1] > 0, x.sum(1) > 0])
        lines = [f"{a},{b},{int(k[0])},{'yes' if k[1] else 'no'},{int(k[2])}"
                 for (a, b), k in zip(x, labels)]
        path = self.store("v.csv", "\n".join(["a,b,right,upper,both", *lines]) + "\n")
        targets = [f"--target={name}" for name in ("right", "upper", "both")]
        output = self.convert(path, *targets, "--target-vector", "--test", "0.2")
        self.assertIn("48 training and 12 test samples of 2, 3 values", output)
        self.assertIn("  upper: 2 texts, target\n", output)
        train = self.out()["train"]
        np.testing.assert_array_equal(train["y"], np.column_stack(
            [train["x"][:, 0] > 0, train["x"][:, 1] > 0, train["x"][()].sum(1) > 0]))
        self.assertEqual(list(train["y"].attrs["value_names"]), ["right", "upper", "both"])
        job = make_job(model=[dense(3, activation="sigmoid")], dataset={"file": "out.h5"},
                       train={"epochs": 60, "batch_size": 16, "loss": "binary_crossentropy",
                              "optimizer": {"adam": {"learning_rate": 0.05}}, "metrics": ["f1"]})
        self.assertGreater(self.run_job(job, ranks=2)["f1"].ravel()[-1], 0.9)
        model = self.path("1/trial_1/last.h5")
        printed = self.lockstep("predict", model, path).stdout.splitlines()
        self.assertEqual(printed[0], "sample,y_right,y_upper,y_both")
        self.lockstep("predict", model, model, path, "-o", "p.h5")
        with h5py.File(self.path("p.h5")) as file:
            self.assertEqual([text.decode() for text in file["unit"][()]],
                             ["right", "upper", "both"])
        other = self.convert(path, *reversed(targets), "--target-vector", "--test", "0.2")
        self.assertIn("3 values", other)
        self.assertIn("/train/y: value 0 is 'both' (expected 'right', as in the data that",
                      self.lockstep("eval", model, "--dataset", "out.h5", status=2).stderr)

    def test_refused_vectors(self):
        path = self.store("n.csv", "a,y,t\n1,0,u\n2,1,v\n3,0,w\n")
        for says, options in {
                "column t: cannot be a value of a vector (expected a number": ["y", "t"],
                "column y: cannot be a value of a vector (expected a number": ["y=class"],
                "--target-vector goes with --target only": []}.items():
            with self.subTest(says):
                self.refuse(path, *(f"--target={o}" for o in options), "--target-vector",
                            says=says)

    def test_weights_of_heads(self):
        """Each head's loss counts its own weights, the others' those of all heads."""
        text = "a,k,m,v,w,all=1\n" + "".join(
            f"{i % 7},{i % 2},{i % 3},{i / 40},{i % 4},{i % 5 / 2}\n" for i in range(40))
        path = self.store("w.csv", text)
        arguments = (path, "--target", "k", "--target", "m", "--target", "v", "--test", "0.25")
        output = self.convert(*arguments, "--weight", "w=k", "--weight", "all=1=")
        self.assertIn("  w: integers, weight of head k\n", output)
        self.assertIn("  all=1: numbers, weight\n", output)
        for part in self.out().values():
            i = np.rint(part["y/v"][()] * 40).astype(int)
            np.testing.assert_array_equal(part["weight_k"], i % 4)
            np.testing.assert_array_equal(part["weight"], i % 5 / 2)
            self.assertEqual(part["x"].shape[1:], (1,))
        self.assertIn("--weight w=k --weight all=1", self.out().attrs["history"])
        job = make_job(model=[dense(4)], dataset={"file": "out.h5", "validation": "test"},
                       train={"epochs": 1, "batch_size": 64}, heads={
                           "k": {"layers": [dense(2, activation="softmax")],
                                 "loss": "categorical_crossentropy"},
                           "v": {"layers": [dense(1)], "loss": "mean_squared_error"}})
        del job["train"]["loss"]
        check = self.lockstep("check", self.write_job(job)).stderr
        self.assertEqual(check, "")
        losses = [self.run_job(job, ranks=None)]
        self.convert(*arguments, "--weight", "all=1=", "--drop", "w")
        losses.append(self.run_job(job, ranks=None))
        self.assertNotEqual(*(fields["k_loss"].ravel()[0] for fields in losses))
        self.assertEqual(*(fields["v_loss"].ravel()[0] for fields in losses))
        self.convert(*arguments, "--weight", "w=kind", "--weight", "all=1=")
        self.assertRegex(self.lockstep("check", self.write_job(job)).stderr,
                         r"\Alockstep: warning: [^\n]*job.yaml:\d+: dataset.file: the sample "
                         r"weights /train/weight_kind are not used: the model has no head "
                         r"'kind'\n\Z")

    def test_refused_weights(self):
        path = self.store("n.csv", "a,y,w,t\n1,0,2,x\n2,1,-1,y\n3,0,1,x\n")
        cases = {
            "n.csv:3: column w: -1 (expected a weight of at least 0)": ["w"],
            "column t: is not one number per sample (expected weights)": ["t"],
            "'w' and 'a' are both for all heads (expected one)": ["w", "a"],
            "'w' and 'a' are both for the head k (expected one)": ["w=k", "a=k"],
            "'w=k/l' (expected COLUMN=HEAD": ["w=k/l"],
        }
        for says, weights in cases.items():
            with self.subTest(says):
                self.refuse(path, "--target", "y", *(f"--weight={w}" for w in weights), says=says)

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
            "goes with --test FRACTION": ("--target", "kind", "--stratify"),
            "leaves 60 for training": ("--target", "kind", "--test", "0.001"),
            "--test: '1.5'": ("--target", "kind", "--test", "1.5"),
            "--missing: 'zero'": ("--target", "kind", "--missing", "zero"),
            "t.csv: has no column y (expected --target": (),
        }
        for says, options in arguments.items():
            with self.subTest(says):
                self.refuse(path, *options, says=says)
        self.refuse(self.path("none.csv"), "--target", "y", says="none.csv: cannot open: No such")
        os.mkfifo(self.path("pipe.csv"))
        self.refuse(self.path("pipe.csv"), "--target", "y",
                    says="pipe.csv: is a FIFO (expected a file, or a folder of images)")

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


if __name__ == "__main__":
    common.main()
