"""lockstep check: what it prints for a job, and its messages for invalid ones."""

import os
import re
import resource
import subprocess
import sys
import xml.etree.ElementTree

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import h5py
import numpy as np

import common
from common import dense, make_job


def classifier(*units):
    return [*(dense(n, activation="relu") for n in units), dense(10, activation="softmax")]


def seconds_of(text):
    """The seconds of a printed duration."""
    number, unit = text.split()
    return float(number) * {"s": 1, "min": 60}[unit]


class PrintedTest(common.ProgramTest):
    def check(self, job, *arguments):
        return self.lockstep("check", self.write_job(job), *arguments).stdout

    def parameters(self, text):
        """Parameters by layer, in the order printed."""
        rows = re.findall(r"^(\w+) {2,}.*? ([\d,]+)$", text, re.M)
        return [(layer, int(count.replace(",", ""))) for layer, count in rows]

    def test_parameters(self):
        """Networks with known numbers of parameters, on images of 28 x 28."""
        known = {
            545_810: classifier(500, 300),
            55_050: classifier(64, 64),
            79_510: classifier(100),
            116_285: classifier(125, 100, 50),
        }
        for total, model in known.items():
            with self.subTest(total):
                text = self.check(make_job(model=model))
                rows = self.parameters(text)
                self.assertEqual(rows[-1][0], "all")
                self.assertEqual(rows[-1][1], sum(count for _, count in rows[:-1]))
                self.assertEqual(rows[-1][1], total)
                self.assertIn(f"{total:,}", text)

    def test_layers(self):
        text = self.check(make_job(model=["flatten", {"dropout": 0.2}, *classifier(500, 300)]))
        self.assertEqual([name for name, count in self.parameters(text) if count > 0],
                         ["dense", "dense_1", "dense_2", "all"])
        for line in (r"input +input +28 x 28 x 1 +0", r"flatten +flatten +784 +0",
                     r"dropout +dropout +784 +0", r"dense +dense, relu +500 +392,500",
                     r"dense_1 +dense, relu +300 +150,300", r"dense_2 +dense, softmax +10 +3,010"):
            self.assertRegex(text, f"(?m)^{line}$")

    def heads(self):
        """A frozen layer, then two heads, of which one has its activation as a layer."""
        job = make_job(model=["flatten", dense(9, activation="tanh", trainable=False),
                              dense(8, name="a<b")],
                       heads={"copy": {"layers": [dense(784)], "loss": "mean_squared_error",
                                       "target": "input"},
                              "label": {"layers": [dense(10), {"activation": "softmax"}],
                                        "loss": "categorical_crossentropy"}})
        del job["train"]["loss"]
        return job

    def test_heads(self):
        text = self.check(self.heads())
        for line in (r"dense +dense, tanh, frozen +9 +7,065", r"a<b +dense +8 +80",
                     r"dense_1 +dense, of copy +784 +7,056", r"dense_2 +dense, of label +10 +90",
                     r"softmax +activation, softmax, of label +10 +0"):
            self.assertRegex(text, f"(?m)^{line}$")

    def test_diagram(self):
        """DOT with the edges of the heads, which dot draws with all texts; one frame for each of
        several models."""
        self.check(self.heads(), "--diagram", "net.dot")
        with open(self.path("net.dot"), encoding="utf-8") as file:
            dot = file.read()
        edges = re.findall(r"m1_(\d+) -> m1_(\d+)(?: \[label=<(\w+)>\])?", dot)
        self.assertEqual(edges, [("0", "1", ""), ("1", "2", ""), ("2", "3", ""),
                                 ("3", "4", "copy"), ("3", "5", "label"), ("5", "6", "")])
        self.check(self.heads(), "--diagram", "net.svg")
        root = xml.etree.ElementTree.parse(self.path("net.svg")).getroot()
        texts = "|".join("".join(item.itertext()).strip() for item in root.iter()
                         if item.tag.endswith("text"))
        for text in ("a<b", "tanh, frozen", "7,065 parameters", "label", "28 x 28 x 1"):
            self.assertIn(text, texts)
        model = ["flatten", dense("$units"), dense(10, activation="softmax")]
        job = make_job(model=model, sweep={"units": [3, 4], "replicates": 2})
        self.check(job, "--diagram", "two.gv")
        with open(self.path("two.gv"), encoding="utf-8") as file:
            self.assertEqual(re.findall(r"label=<(units=\d)", file.read()), ["units=3", "units=4"])

    def test_depends_on_blas(self):
        says = "note: results depend on OpenBLAS, its version and kernels"
        self.assertNotIn(says, self.check(make_job()))
        self.assertIn(says, self.check(make_job(train={"products": "openblas"})))
        self.assertIn(says, self.check(make_job(dataset={"transform": [{"pca": {"components": 4}}]})))

    def test_bfloat16(self):
        says = "note: results depend on the processor (precision: bfloat16)"
        self.assertNotIn(says, self.check(make_job()))
        self.assertIn(says, self.check(make_job(train={"precision": "bfloat16"})))
        job = make_job(train={"precision": "bfloat16", "products": "openblas"})
        done = self.lockstep("check", self.write_job(job), status=2)
        self.assertIn("train.precision: bfloat16 is not available with 'products: openblas'",
                      done.stderr)

    def test_many_models(self):
        """What there is no room for is counted."""
        model = ["flatten", dense("$units"), dense(10, activation="softmax")]
        job = make_job(model=model, sweep={"units": list(range(1, 20)), "replicates": 2})
        text = self.check(job)
        self.assertEqual([name for name, _ in self.parameters(text)].count("all"), 16)
        self.assertIn("The layers of 6 more trials are not shown", text)

    def test_without_dot(self):
        options = self.options()
        options["env"]["PATH"] = self.folder
        done = subprocess.run([common.LOCKSTEP, "check", self.write_job(make_job()), "--diagram",
                               "net.png"], capture_output=True, timeout=60, check=False, **options)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Alockstep: cannot run dot: .*is graphviz\)\n\Z")
        self.assertFalse(os.path.exists(self.path("net.png")))

    def test_resolved_job(self):
        """The job that is printed first is equivalent to the job file."""
        text = self.check(make_job(), "--set", "train.seed=77")
        job, found, _ = text.partition("\n\n")
        self.assertTrue(found)
        for key in ("seed: 77", "nesterov: false", "kernel_initializer: glorot_uniform"):
            self.assertIn(key, job)
        with open(self.path("resolved.yaml"), "w", encoding="utf-8") as file:
            file.write(job)
        again = self.lockstep("check", "resolved.yaml").stdout
        self.assertEqual(again.partition("\n\n")[0], job)

    def test_trials_and_packing(self):
        model = ["flatten", dense("$units", activation="relu"), dense(10, activation="softmax")]
        job = make_job(model=model, sweep={"units": [10, 200, 30], "replicates": 2})
        text = self.check(job, "--ranks", "3", "--set", "sweep.ranks_per_trial=2")
        names = re.findall(r"^ +\d+ +(units=\d+ replicate=\d)", text, re.M)
        self.assertEqual(len(set(names)), 6)
        self.assertTrue(all("units=200" in name for name in names[:2]), "longest first")
        self.assertRegex(text, r"3 ranks: 1 at a time, 2 ranks each, 1 ranks idle")
        rank, ranks, node, shared = map(int, re.search(
            r"memory per rank: (\d+) MiB; on a node with (\d+) ranks: (\d+) MiB, (\d+) MiB of it "
            r"shared\n", text).groups())
        self.assertEqual(ranks, 3)
        self.assertAlmostEqual(node, 3 * rank, delta=2)
        # Once the images of 784 bytes; on each rank weights, gradients and buffers; for each two ranks
        # inputs, outputs and gradients of the minibatch in the layer that they divide.
        expected = 3600 * 788 + 3 * 159010 * 4 * 3 + 3 / 2 * 77 * (784 + 784 + 200) * 4
        self.assertAlmostEqual(shared, expected / (1 << 20), delta=2.5)
        self.assertRegex(text, r"time: about \S+ \w+")
        self.assertRegex(text, r"3000 samples to train, 600 to validate, 10 classes; 39 steps")
        # Where networks differ each is printed.
        totals = [count for name, count in self.parameters(text) if name == "all"]
        self.assertEqual(totals, [795 * units + 10 for units in (10, 200, 30)])

    def data_on_node(self, *arguments, **dataset):
        job = make_job(dataset=dataset, sweep={"ranks_per_trial": 2})
        return re.search(r"data on a node: (?:\S+/)?(.*)", self.check(job, *arguments))[1]

    def test_data(self):
        """How the ranks of a node have the samples: 3600 images of 784 bytes, and labels."""
        scratch = os.environ.get("LOCKSTEP_SCRATCH", os.environ.get("TMPDIR", "/tmp"))
        mapped = f"digits.h5: 2.7 MiB mapped from the file, 0.0 MiB copied to {scratch}"
        self.assertEqual(self.data_on_node("--ranks", "4"), mapped)
        self.assertEqual(self.data_on_node("--ranks", "4", shuffle_buffer_size=1000),
                         mapped + "; shuffled in windows of 0.7 MiB")
        self.assertEqual(self.data_on_node("--ranks", "1", "--nodes", "4"),
                         "digits.h5: each rank keeps 1/2 of the samples, which are exchanged before "
                         "every epoch: 4.1 MiB")
        with h5py.File(self.path("packed.h5"), "w") as file:
            for part in "train", "test":
                file.create_dataset(f"{part}/x", data=np.ones((2048, 1024)), compression="gzip")
                file[f"{part}/y"] = np.arange(2048) % 10
        self.assertEqual(self.data_on_node("--ranks", "4", file="packed.h5"),
                         f"packed.h5: 16.0 MiB converted to {scratch}")

    def test_larger_than_memory(self):
        """Samples that do not fit in memory are to be shuffled in windows."""
        count = int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 1.2) >> 20
        with h5py.File(self.path("large.h5"), "w") as file:
            sparse = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            sparse.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
            sparse.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
            space = h5py.h5s.create_simple((count, 1 << 20))
            h5py.h5d.create(file.create_group("train").id, b"x", h5py.h5t.STD_U8LE, space, sparse)
            file["train/y"] = np.arange(count) % 10
        job = make_job(dataset={"file": "large.h5", "validation": 0.01},
                       model=[dense(10, activation="softmax")])
        warning = self.lockstep("check", self.write_job(job)).stderr
        buffer = re.search(r"job.yaml:\d+: dataset: its training samples take [\d.]+ GiB, and this "
                           r"node has [\d.]+ GiB of memory: .* \(expected shuffle_buffer_size: "
                           r"(\d+), or", warning)
        self.assertTrue(buffer, warning)
        job["dataset"]["shuffle_buffer_size"] = int(buffer[1])
        self.assertNotIn("GiB", self.lockstep("check", self.write_job(job)).stderr)

    def test_reading(self):
        """The estimated time includes reading the data, of which each rank of a node has a part."""
        samples, rng = 8000, np.random.default_rng(1)
        with h5py.File(self.path("packed.h5"), "w") as file:
            x = rng.integers(0, 256, (samples, 40, 40), np.uint8).astype(float)
            file.create_dataset("train/x", data=x, compression="gzip", compression_opts=1)
            file["train/y"] = np.arange(samples) % 10
        job = make_job(dataset={"file": "packed.h5", "validation": 0.1},
                      train={"epochs": 1, "shards": 16},
                      model=["flatten", dense(10, activation="softmax")])
        found = []
        for ranks in (1, 16):
            text = self.check(job, "--ranks", str(ranks))
            whole, reading, training = re.search(
                r"time: about ([^(]+) \(([^,]+) to read the data, (.+) of training in all\)",
                text).groups()
            self.assertGreaterEqual(seconds_of(whole) + 0.11, seconds_of(reading) +
                                    seconds_of(training) / 16)
            found.append(seconds_of(reading))
        self.assertGreater(found[0], 0.1)
        self.assertLess(found[1], 0.6 * found[0])

    def test_auto_packing(self):
        """Many small trials: one rank each. A single one: all ranks."""
        many = self.check(make_job(sweep={"replicates": 8}), "--ranks", "4")
        self.assertRegex(many, r"4 ranks: 4 at a time, 1 ranks each")
        one = self.check(make_job(model=classifier(2000, 2000), train={"batch_size": 1024}),
                         "--ranks", "4")
        self.assertRegex(one, r"4 ranks: 1 at a time, 4 ranks each")

    def rows(self, text):
        """The table of nodes: [(nodes, ranks, step, compute, reduce, update, samples/s, efficiency,
        batch)]."""
        rows = re.findall(r"^ *(\d+) +(\d+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) +(\d+) +"
                          r"([\d.]+) % +(\w+)$", text, re.M)
        return [(*map(float, row[:8]), row[8]) for row in rows]

    def test_nodes(self):
        job = make_job(model=classifier(500, 300), train={"batch_size": 128})
        text = self.check(job, "--nodes", "6", "--ranks", "2", "--latency", "0.1ms",
                          "--bandwidth", "1Gbit")
        self.assertIn("network: ethernet, 100 us, 1 Gbit/s", text)
        rows = self.rows(text)
        self.assertEqual([row[:2] for row in rows], [(1, 2), (2, 4), (4, 8), (6, 12)])
        for nodes, ranks, step, compute, reduce, update, rate, efficiency, _ in rows:
            self.assertAlmostEqual(step, compute + reduce + update, delta=0.0021)
            self.assertAlmostEqual(rate, 128 / step * 1e3, delta=1 + rate * 0.002)
            self.assertTrue(0 < efficiency < 150)
            if nodes > 1:
                # 267 blocks of 8 KiB: the sums of each other node, then the weights. Some of it
                # is sent during backward.
                blocks = -(-267 // nodes) * 2 * (nodes - 1)
                sending = blocks * 8192 / 125e6 * 1e3
                self.assertGreater(compute + reduce, sending)
                self.assertLess(reduce, sending + 5)
        ranks = int(re.search(r"^advised: at most (\d+) ranks per trial", text, re.M)[1])
        self.assertIn(ranks, (1, 2, 4, 8, 12))
        for row in rows:
            self.assertEqual(row[7] >= 80 and row[1] == ranks,
                             row[1] == ranks and ranks > 1)
            self.assertTrue(row[8] == "none" or int(row[8]) % row[1] == 0)
        self.assertRegex(text, r"12 ranks: ")

    def test_networks(self):
        """A faster network shortens the reduction and allows smaller batches."""
        job = make_job(model=classifier(500, 300), train={"batch_size": 128})
        slow, fast = (self.rows(self.check(job, "--nodes", "64", "--network", name))
                      for name in ("ethernet", "infiniband"))
        self.assertEqual([row[0] for row in fast], [1, 2, 4, 8, 16, 32, 64])
        for one, other in zip(slow[1:], fast[1:]):
            self.assertLess(other[4], one[4])

    def test_leaves_nothing(self):
        self.check(make_job())
        self.assertEqual(os.listdir(self.folder), ["job.yaml"])


class TimesTest(common.ProgramTest):
    """Four times the input takes at most about four times as long."""

    def seconds(self, job, status=0):
        """Processor time, which depends less on other programs."""
        self.write_job(job)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.lockstep("check", "job.yaml", status=status)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def expect_linear(self, count, make, **options):
        one, four = (self.seconds(make(n), **options) for n in (count, 4 * count))
        self.assertLess(four, 8 * one + 0.5)

    def test_keys(self):
        self.expect_linear(20000, lambda n: make_job(**{f"k{i}": i for i in range(n)}), status=2)

    def test_values(self):
        """The variable is not used, which is found after its values have been compared."""
        for form in (list, lambda values: [f"v{i}" for i in values],
                     lambda values: {f"k{i}": i for i in values}):
            self.expect_linear(20000, lambda n, form=form: make_job(sweep={"s": form(range(n))}),
                               status=2)

    def test_layers(self):
        self.expect_linear(500, lambda n: make_job(
            model=["flatten", *[dense(3, activation="relu")] * n, dense(10, activation="softmax")]))

    def test_replicates(self):
        """Replicates are planned once; other trials share dataset and split."""
        self.assertLess(self.seconds(make_job(sweep={"replicates": 100000})), 15)
        self.expect_linear(500, lambda n: make_job(train={"seed": "$s"},
                                                   sweep={"s": list(range(n))}))


class WarnedTest(common.ProgramTest):
    """What `check` and `run` print to standard error about jobs that can be run."""

    def write_data(self, labels, values=None):
        """20 training samples, sorted by class, and 10 test samples of the classes 0 and 1."""
        x = np.random.default_rng(2).random((20, 5)).astype(np.float32)
        if values is not None:
            x[values[0], 2] = values[1]
        with h5py.File(self.path("data.h5"), "w") as file:
            for part, y in (("train", labels), ("test", np.arange(10) % 2)):
                file[f"{part}/x"] = x[:len(y)]
                file[f"{part}/y"] = y.astype(np.uint8)
                file[f"{part}/y"].attrs["class_count"] = 4

    def warnings(self, job, *arguments, verbs=("check", "run")):
        """The lines, which are the same for all verbs."""
        self.write_job(job)
        found = []
        for verb in verbs:
            done = self.lockstep(verb, "job.yaml", *arguments)
            found.append(done.stderr.splitlines())
        self.assertTrue(all(lines == found[0] for lines in found), found)
        prefix = "lockstep: warning: job.yaml:"
        for line in found[0]:
            self.assertTrue(line.startswith(prefix), line)
        return [line[len(prefix):].partition(": ")[2] for line in found[0]]

    def job(self, activation="softmax", units=4, loss="categorical_crossentropy", layers=(),
            **keys):
        dataset = {"file": "data.h5", **keys.pop("dataset", {})}
        return make_job(model=[dense(units, activation=activation), *layers], dataset=dataset,
                        train={"epochs": 1, "batch_size": 20, "loss": loss}, **keys)

    def test_classes(self):
        """Sorted labels, of which the last fraction validates; a class that is not there."""
        self.write_data(np.repeat([0, 1, 3, 2], 5))
        test = "dataset.validation: 2 of 4 classes (2, 3) of 'y' have no validation samples"
        self.assertEqual(self.warnings(self.job()), [test])
        some = (" (expected some of each, such as by validation: {fraction: {fraction: ..., "
                "stratified: true}})")
        fraction = self.job(dataset={"validation": 0.25})
        self.assertEqual(self.warnings(fraction, "-o", "2.h5", verbs=("run",)), [
            "dataset: 1 of 4 classes (2) of 'y' have no training samples" + some,
            "dataset.validation: 3 of 4 classes (0, 1, 3) of 'y' have no validation samples" + some])
        stratified = self.job(dataset={"validation": {"fraction": {"fraction": 0.2, "stratified": True}}})
        self.assertEqual(self.warnings(stratified, verbs=("check",)), [])

    def test_trials(self):
        """Of a sweep the first trial that has it is named."""
        self.write_data(np.repeat([0, 1, 3, 2], 5))
        job = self.job(dataset={"validation": {"fraction": {"fraction": 0.2, "stratified": "$s"}}},
                       sweep={"s": [True, False], "replicates": 2})
        self.assertRegex("\n".join(self.warnings(job, verbs=("check",))),
                         r"(?s)\A.*3 of 4 classes \(0, 1, 3\) of 'y' have no validation samples "
                         r"[^\n]* \(trial s=false replicate=0\)\Z")

    def test_outputs(self):
        """Outputs that are no probabilities, and a softmax that is constant."""
        labels = np.arange(20) % 2
        self.write_data(labels)
        takes = ("takes probabilities, but the activation of the model's output is {} (expected {})")
        cross, binary = "categorical_crossentropy", "binary_crossentropy"
        cases = [
            (self.job("linear"), takes.format("linear", "softmax")),
            (self.job("tanh", layers=[{"dropout": 0.1}]), takes.format("tanh", "softmax")),
            (self.job("relu"), takes.format("relu", "softmax")),
            (self.job("relu", loss=binary), takes.format("relu", "sigmoid")),
            (self.job("softmax", layers=["batch_normalization"]),
             takes.format("linear", "softmax")),
            (self.job("softmax", units=1, loss=binary),
             "the softmax of a single output is always 1 (expected sigmoid)"),
            (self.job("relu", loss="categorical_focal_crossentropy"),
             takes.format("relu", "softmax")),
            (self.job("linear", loss="kl_divergence"), takes.format("linear", "softmax")),
            (self.job("relu", loss="poisson"),
             takes.replace("probabilities", "positive values").format("relu", "exponential")),
            (self.job("sigmoid", loss="hinge"),
             takes.replace("probabilities", "values of both signs").format("sigmoid", "linear")),
            (self.job("exponential", loss="poisson"), None), (self.job("tanh", loss="hinge"), None),
            (self.job("sigmoid"), None), (self.job("softmax"), None), (self.job("softplus"), None),
            (self.job("sigmoid", loss=binary), None),
            (self.job("linear", loss="mean_squared_error"), None),
            (self.job("linear", layers=[{"activation": "softmax"}]), None),
        ]
        with h5py.File(self.path("data.h5"), "r+") as file:
            for part in ("train", "test"):
                file[f"{part}/y"].attrs["class_count"] = 2
        for job, says in cases:
            loss = job["train"]["loss"]
            with self.subTest(job["model"], loss=loss):
                expected = [f"train.loss.{loss}: {says}"] if says else []
                self.assertEqual(self.warnings(job, verbs=("check",)), expected)

    def test_outputs_of_metrics(self):
        self.write_data(np.arange(20) % 2)
        with h5py.File(self.path("data.h5"), "r+") as file:
            for part in ("train", "test"):
                file[f"{part}/y"].attrs["class_count"] = 2
        takes = "takes probabilities, but the activation of the model's output is {} (expected {})"
        for activation, units, expected in (("linear", 2, "softmax"), ("tanh", 1, "sigmoid"),
                                            ("softmax", 2, None), ("sigmoid", 1, None)):
            job = self.job(activation, units=units, loss="mean_squared_error")
            job["train"]["metrics"] = ["accuracy", {"pr_auc": 50}]
            with self.subTest(activation, units=units):
                said = f"train.metrics[1].pr_auc: {takes.format(activation, expected)}"
                self.assertEqual(self.warnings(job, verbs=("check",)), [said] if expected else [])

    def test_small_shards(self):
        self.write_data(np.arange(20) % 4)
        model = [dense(6), {"batch_normalization": {"synchronized": False}},
                 dense(4, activation="softmax")]
        fraction = {"fraction": {"fraction": 0.2, "stratified": True}}
        for shards, says in ((1, r"\A\Z"), (2, r"\Alockstep: warning: batch normalization uses the "
                                             r"statistics of only 8 samples, [^\n]*\n\Z")):
            self.write_job(make_job(
                model=model, dataset={"file": "data.h5", "validation": fraction},
                train={"epochs": 1, "batch_size": 16, "shards": shards}))
            for verb, more in (("check", ()), ("run", ("-o", f"{shards}.h5"))):
                self.assertRegex(self.lockstep(verb, "job.yaml", *more).stderr, says)

    def test_values(self):
        """`check` finds what `run` would find when it reads the inputs."""
        job = self.job()
        for at, value in ((7, np.nan), (19, -np.inf)):
            self.write_data(np.arange(20) % 4, (at, value))
            self.write_job(job)
            done = self.lockstep("check", "job.yaml", status=2)
            self.assertEqual(done.stderr, f"lockstep: data.h5: /train/x: sample {at} holds a value "
                             "that is not finite\n")


class RefusedTest(common.ProgramTest):
    def test_refused(self):
        self.write_job(make_job())
        cases = {
            (): "no job given",
            ("job.yaml", "job.yaml"): "one job at a time",
            ("nothing.yaml",): "nothing.yaml: cannot open: No such file",
            ("job.yaml", "--ranks", "0"): "--ranks: '0' (expected an integer from 1",
            ("job.yaml", "--ranks", "two"): "--ranks: 'two'",
            ("job.yaml", "--rank", "2", "--rnks"): "did you mean '--ranks'?",
            ("job.yaml", "--ranks"): "'--ranks' is unknown or lacks its value",
            ("job.yaml", "--nodes", "0"): "--nodes: '0' (expected an integer from 1",
            ("job.yaml", "--nodes", "2000", "--ranks", "33"): "(expected at most 65536 ranks)",
            ("job.yaml", "--nodes", "2", "--network", "pigeons"): "(expected ethernet or infini",
            ("job.yaml", "--nodes", "2", "--latency", "5"): "(expected a time such as 50us",
            ("job.yaml", "--nodes", "2", "--latency", "0us"): "(expected a time such as 50us",
            ("job.yaml", "--nodes", "2", "--bandwidth", "fast"): "(expected a rate such as 1Gbit",
            ("job.yaml", "--bandwidth", "1Gbit"): "(expected --nodes=N with them)",
            ("job.yaml", "--diagram", "net.jpg"): "net.jpg: unknown format (expected .svg, .png",
            ("job.yaml", "--set", "train.seed"): "has no '='",
            ("job.yaml", "--set", "train.sead=1"): "did you mean 'seed'?",
            ("job.yaml", "--set", "train.epochs=0"): "train.epochs: 0 is too small",
        }
        for arguments, says in cases.items():
            with self.subTest(arguments):
                done = self.lockstep("check", *arguments, status=2)
                self.assertEqual(done.stdout, "")
                self.assertRegex(done.stderr, r"\Alockstep: [^\n]+\n\Z")
                self.assertIn(says, done.stderr)

    def test_names(self):
        """Names that the results file, or xarray, has a use for."""
        heads = {name: {"loss": "categorical_crossentropy"} for name in ("x", "val_x")}
        cases = {
            "two variables named 'accuracy' (expected each metric once)":
                make_job(train={"metrics": ["accuracy", "accuracy"]}),
            "two variables named 'val_x_loss' (expected other names of heads)":
                make_job(heads=heads, train={"loss": None}),
            "two variables named 'val_loss' (expected other names of heads)":
                make_job(heads={"val": heads["x"], "y": heads["x"]}, train={"loss": None}),
            "heads.val_loss: names of validation curves begin with val_":
                make_job(heads={"val_loss": heads["x"], "y": heads["x"]}, train={"loss": None}),
            "sweep.mean_absolute_error: is the name of a metric or loss":
                make_job(model=["flatten", {"dropout": "$mean_absolute_error"},
                                dense(10, activation="softmax")],
                         sweep={"mean_absolute_error": [0.1, 0.2]}),
            "two variables named 'test_loss' (expected other names of heads)":
                make_job(heads={"test": heads["x"], "y": heads["x"]}, train={"loss": None},
                         dataset={"validation": 0.2}),
            "two variables named 'final_loss' (expected other names of heads)":
                make_job(heads={"final": heads["x"], "y": heads["x"]}, train={"loss": None}),
            "'.' can't name a layer (expected 1 to 47 characters, no /, not . or ..)":
                make_job(model=["flatten", dense(10, activation="softmax", name=".")]),
            "sweep.drop: 'drop' is an argument of xarray's sel":
                make_job(model=["flatten", {"dropout": "$drop"}, dense(10, activation="softmax")],
                         sweep={"drop": [0.1, 0.2]}),
            "sweep.mean_squared_error: the results have a curve 'mean_squared_error'":
                make_job(model=["flatten", {"dropout": "$mean_squared_error"},
                                dense(10, activation="softmax")],
                         train={"metrics": ["mean_squared_error"]},
                         sweep={"mean_squared_error": [0.1, 0.2]}),
            "sweep.best_rate: the results have a 'best_rate' of their own":
                make_job(model=["flatten", {"dropout": "$best_rate"},
                                dense(10, activation="softmax")], sweep={"best_rate": [0.1]}),
        }
        for says, job in cases.items():
            with self.subTest(says):
                if job["train"].get("loss", "") is None:
                    del job["train"]["loss"]
                    job["model"] = ["flatten", dense(10, activation="softmax")]
                self.write_job(job)
                done = self.lockstep("check", "job.yaml", status=2)
                self.assertRegex(done.stderr, r"\Alockstep: job.yaml:\d+: [^\n]+\n\Z")
                self.assertIn(says, done.stderr)

    def test_dimensions(self):
        """The results file has at most 16 dimensions, with the epoch."""
        names = [f"x{i}" for i in range(16)]
        layers = [{"dropout": f"${name}"} for name in names]
        job = make_job(model=["flatten", *layers, dense(10, activation="softmax")],
                       sweep={name: [0.1] for name in names})
        self.write_job(job)
        done = self.lockstep("check", "job.yaml", status=2)
        self.assertRegex(done.stderr, r"\Alockstep: job.yaml:\d+: sweep: has 16 dimensions "
                         r"\(expected at most 15: variables, replicate, fold\)\n\Z")
        del job["sweep"]["x15"], layers[-1]
        self.write_job({**job, "model": ["flatten", *layers, dense(10, activation="softmax")]})
        self.lockstep("check", "job.yaml")
        self.lockstep("run", "job.yaml", "--set", "train.epochs=1")

    def test_names_of_files(self):
        """Names whose derived files would be those of another job, or could not be made."""
        ends = "ends like other files of a run"
        cases = {"k.stop": ends, "q.h5": ends, "z.h5.lock": ends, "z.new": ends, "a.models": ends,
                 "n" * 101: "has not 1 to 100 bytes", "": "has not 1 to 100 bytes",
                 "a/b": "has characters other than letters", "a\nb": "has characters other than",
                 ".a": "begins with one of", "-a": "begins with one of",
                 "a\u202e5h.b": "has invisible characters", "a\u0085": "has invisible characters"}
        self.write_job(make_job())
        for name, says in cases.items():
            with self.subTest(name):
                self.write_job(make_job(name=name))
                for verb in ("check", "run"):
                    done = self.lockstep(verb, "job.yaml", status=2)
                    self.assertRegex(done.stderr, r"\Alockstep: job.yaml:2: name: [^\n]+\n\Z")
                    self.assertIn(says, done.stderr)
        self.write_job(make_job())
        for name in ("k.stop", "z.h5.lock", "n" * 101 + ".h5", "-a.h5", "x.h5.h5"):
            with self.subTest(name):
                done = self.lockstep("run", "job.yaml", f"--output={name}", status=2)
                self.assertRegex(done.stderr, r"\Alockstep: [^\n]+: the name of the results file "
                                 r"[^\n]+ \(expected another name\)\n\Z")
        self.assertEqual(os.listdir(self.folder), ["job.yaml"])
        for name in ("lr=0.1,l2", "my job", "n" * 100, "größe_2.0+x"):
            self.lockstep("check", self.write_job(make_job(name=name)))

    def test_longest_name(self):
        """All files of a run and of reports can be made."""
        for name in ("n" * 100, "m" * 100):
            self.lockstep("run", self.write_job(make_job(name=name, train={"epochs": 1})))
        files = [f"results/{name * 100}.h5" for name in "nm"]
        self.lockstep("report", files[0])
        self.lockstep("report", *files)
        self.lockstep("eval", files[0][:-3] + "/trial_1/best.h5")

    def test_help(self):
        done = self.lockstep("check", "--help")
        self.assertEqual(done.stderr, "")
        for word in ("--ranks", "--set", "JOB.yaml"):
            self.assertIn(word, done.stdout)


if __name__ == "__main__":
    common.main()
