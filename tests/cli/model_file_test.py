"""Model files: their place, Keras's format, their contents (a forward pass in NumPy gives the
metrics of the results), and layers that are initialized from a file. tests/keras/model_files.py
checks that Keras reads them."""

import json
import os
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import dense, make_job

ENCODER = [dense(20, activation="relu", name="code"), dense(10, activation="softmax")]


def images(part):
    with h5py.File(common.digits(), "r") as file:
        x = file[f"{part}/x"]
        return x[:].reshape(len(x), -1) * np.float32(x.attrs["scale"]), file[f"{part}/y"][:]


def arrays(path):
    """All weights of a model file, by layer and name, found in the way of Keras."""
    found = {}
    with h5py.File(path, "r") as file:
        weights = file["model_weights"]
        for layer in weights.attrs["layer_names"]:
            group = weights[layer]
            found[layer] = {name.rpartition("/")[2]: group[name][()]
                            for name in group.attrs["weight_names"]}
    return found


def own(path):
    """The group that Lockstep adds."""
    with h5py.File(path, "r") as file:
        return dict(file["lockstep"].attrs), dict(file["lockstep/metrics"].attrs)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def affine(x, layer):
    return x @ layer["kernel:0"].astype(np.float64) + layer["bias:0"]


def forward(layers, weights, x):
    """The model's outputs by NumPy, from its configuration and weights."""
    x = x.astype(np.float64)
    for layer in layers[1:]:
        config, own_weights = layer["config"], weights.get(layer["config"]["name"])
        match layer["class_name"]:
            case "Rescaling":
                x = x * config["scale"] + config["offset"]
            case "Normalization":
                x = (x - own_weights["mean:0"]) / np.sqrt(own_weights["variance:0"])
            case "Reshape":
                x = x.reshape(len(x), *config["target_shape"])
            case "Permute":
                x = x.transpose(0, *config["dims"])
            case "Flatten":
                x = x.reshape(len(x), -1)
            case "Dense":
                x = x @ own_weights["kernel:0"].astype(np.float64) + own_weights.get("bias:0", 0)
                x = {"linear": lambda z: z, "relu": lambda z: np.maximum(z, 0),
                     "softmax": softmax}[config["activation"]](x)
    return x


class WritingTest(common.ProgramTest):
    def run_here(self, job, *arguments, ranks=None, status=0):
        return self.lockstep("run", self.write_job(job), "--progress", "none", *arguments,
                             ranks=ranks, status=status)

    def test_places(self):
        job = make_job(sweep={"replicates": 2}, train={"epochs": 1})
        for output, folder in ((None, "results/small"), ("other/mine.h5", "other/mine"),
                               ("other/bare", "other/bare.models")):
            self.run_here(job, *(["-o", output] if output else []))
            for trial in (1, 2):
                files = sorted(os.listdir(self.path(f"{folder}/trial_{trial}")))
                self.assertEqual(files, ["best.h5", "last.h5"])
            self.assertEqual(len(os.listdir(self.path(folder))), 3)  # and its owner

    def test_contents(self):
        """At a learning rate so high that the best epoch is not the last one."""
        job = make_job(sweep={"rate": [1.5, 2]}, model=["flatten", *ENCODER],
                       train={"epochs": 6, "shards": 2,
                              "optimizer": {"sgd": {"learning_rate": "$rate"}}})
        self.run_here(job, ranks=2)
        with h5py.File(self.path("results/small.h5"), "r") as file:
            results = {name: item[()] for name, item in file.items()
                       if isinstance(item, h5py.Dataset)}
            text = file.attrs["job"]
        x, y = images("test")
        for trial in (0, 1):
            best_epoch = results["best_epoch"][trial]
            self.assertEqual(best_epoch, results["val_accuracy"][trial].argmax() + 1)
            for name, epoch in (("last", 6), ("best", best_epoch)):
                path = self.path(f"results/small/trial_{trial + 1}/{name}.h5")
                attributes, metrics = own(path)
                self.assertEqual(attributes["epoch"], epoch)
                self.assertEqual(attributes["trial"], trial + 1)
                self.assertEqual(attributes["trial_name"], ["rate=1.5", "rate=2"][trial])
                self.assertEqual(attributes["job"], text)
                self.assertEqual(attributes["dataset"], common.digits())
                for curve in ("loss", "accuracy", "val_loss", "val_accuracy"):
                    self.assertEqual(metrics[curve], results[curve][trial, epoch - 1])
                if name == "last":
                    self.assertEqual(attributes["weights_hash"], results["weights_hash"][trial])
                layers = arrays(path)
                hidden = np.maximum(affine(x, layers["code"]), 0)
                p = softmax(affine(hidden, layers["dense"]))
                self.assertEqual(np.mean(p.argmax(axis=1) == y), metrics["val_accuracy"])
                loss = -np.log(p[np.arange(len(y)), y]).mean()
                self.assertAlmostEqual(loss, metrics["val_loss"], delta=1e-5 * loss)
        self.assertLess(results["best_epoch"].min(), 6)  # so that best.h5 and last.h5 differ

    def test_restored(self):
        job = make_job(train={"epochs": 6, "optimizer": {"sgd": {"learning_rate": 1.5}},
                              "early_stopping": {"monitor": "val_accuracy", "patience": 5,
                                                 "restore_best_weights": True}})
        self.run_here(job)
        best, last = (self.path(f"results/small/trial_1/{name}.h5") for name in ("best", "last"))
        self.assertEqual(str(own(best)), str(own(last)))
        self.assertEqual(str(arrays(best)), str(arrays(last)))

    def config_of(self, model, **keys):
        self.remove_results("config.h5")
        self.run_here(make_job(model=model, **keys), "-o", "config.h5")
        path = self.path("config/trial_1/last.h5")
        with h5py.File(path, "r") as file:
            self.assertEqual(file.attrs["keras_version"], "2.15.0")
            self.assertEqual(file.attrs["backend"], "tensorflow")
            self.assertEqual(list(file["model_weights"].attrs["layer_names"]),
                             [layer for layer in arrays(path)])
            return json.loads(file.attrs["model_config"])

    def test_sequential(self):
        """Layers made from an argument of another layer become its argument again, also the loss's
        softmax; noise that Keras lacks is left out."""
        config = self.config_of([{"random_affine": {"rotation": 0.1}}, "flatten",
                                 dense(7, activation={"leaky_relu": 0.1},
                                       kernel_regularizer={"l1_l2": {"l2": 0.5}},
                                       activity_regularizer="l2"),
                                 {"dropout": 0.25},
                                 dense(10, activation="softmax", trainable=False)])
        self.assertEqual(config["class_name"], "Sequential")
        layers = config["config"]["layers"]
        self.assertEqual([layer["class_name"] for layer in layers],
                         ["InputLayer", "Rescaling", "Flatten", "Dense", "Dropout", "Dense"])
        self.assertEqual([layer["config"]["name"] for layer in layers],
                         ["input_1", "rescaling", "flatten", "dense", "dropout", "dense_1"])
        self.assertEqual(layers[0]["config"]["batch_input_shape"], [None, 28, 28, 1])
        self.assertEqual(layers[1]["config"], {
            "name": "rescaling", "dtype": "float32", "offset": 0, "scale": float(f"{1 / 255:.15g}")})
        self.assertEqual(layers[3]["config"], {
            "name": "dense", "trainable": True, "dtype": "float32", "units": 7, "use_bias": True,
            "activation": {"module": "keras.layers", "class_name": "LeakyReLU",
                           "config": {"alpha": 0.1}, "registered_name": None},
            "kernel_initializer": {"class_name": "GlorotUniform", "config": {}},
            "bias_initializer": {"class_name": "Zeros", "config": {}},
            "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}},
            "bias_regularizer": None,
            "activity_regularizer": {"class_name": "L2", "config": {"l2": 0.01}}})
        self.assertEqual(layers[4]["config"],
                         {"name": "dropout", "dtype": "float32", "rate": 0.25})
        self.assertEqual(layers[5]["config"]["activation"], "softmax")
        self.assertIs(layers[5]["config"]["trainable"], False)

    def test_last_activation(self):
        """A last activation that is a layer stays one, although the loss computes it."""
        config = self.config_of(["flatten", dense(10), {"activation": "softmax"}])
        last = config["config"]["layers"][-1]
        self.assertEqual((last["class_name"], last["config"]["activation"]),
                         ("Activation", "softmax"))
        config = self.config_of(["flatten", dense(10, activation="softmax"),
                                 {"activation": {"activation": "softmax", "name": "again"}}])
        last = config["config"]["layers"][-2:]
        self.assertEqual([layer["config"]["activation"] for layer in last], ["softmax"] * 2)
        self.assertEqual(last[1]["config"]["name"], "again")

    def test_heads(self):
        job = make_job(model=["flatten", dense(9, activation="relu")])
        del job["train"]["loss"]
        job["heads"] = {
            "label": {"layers": [dense(10, activation="softmax")],
                      "loss": "categorical_crossentropy"},
            "again": {"layers": [dense(8, activation="tanh"), dense(10, activation="softmax")],
                      "loss": "categorical_crossentropy"}}
        self.run_here(job)
        with h5py.File(self.path("results/small/trial_1/last.h5"), "r") as file:
            config = json.loads(file.attrs["model_config"])
        self.assertEqual(config["class_name"], "Functional")
        self.assertEqual(config["config"]["input_layers"], [["input_1", 0, 0]])
        self.assertEqual(config["config"]["output_layers"], [["dense_1", 0, 0], ["dense_3", 0, 0]])
        nodes = {layer["name"]: layer["inbound_nodes"] for layer in config["config"]["layers"]}
        behind = {name: node[0][0][0] if node else None for name, node in nodes.items()}
        self.assertEqual(behind, {"input_1": None, "rescaling": "input_1", "flatten": "rescaling", "dense": "flatten",
                                  "dense_1": "dense", "dense_2": "dense", "dense_3": "dense_2"})

    def test_transforms(self):
        """What the job does to inputs is done by layers before the model's own: these, applied as
        Keras documents them, give the losses of the results."""
        for transforms in (["standardization"], ["pixel_permutation"],
                           [{"pca": {"components": 30, "whiten": True}}],
                           ["pixel_permutation", {"standardization": {"per_feature": False}},
                            {"pca": 20}, "standardization", {"pixel_permutation": {"seed": 1}}]):
            with self.subTest(transforms):
                self.remove_results("t.h5")
                job = make_job(model=["flatten", *ENCODER], dataset={"transform": transforms},
                               train={"epochs": 1})
                self.run_here(job, "-o", "t.h5")
                path = self.path("t/trial_1/last.h5")
                with h5py.File(path, "r") as file:
                    layers = json.loads(file.attrs["model_config"])["config"]["layers"]
                with h5py.File(common.digits(), "r") as file:
                    x, y = file["test/x"][:], file["test/y"][:]
                self.assertEqual(layers[0]["config"]["batch_input_shape"], [None, 28, 28, 1])
                p = forward(layers, arrays(path), x.reshape(-1, 28, 28, 1))
                loss = -np.log(p[np.arange(len(y)), y]).mean()
                self.assertAlmostEqual(loss, own(path)[1]["val_loss"], delta=1e-5 * loss)

    def test_transforms_of_colours(self):
        """A permutation keeps a pixel's channels together."""
        rng = np.random.default_rng(1)
        with h5py.File(self.path("colours.h5"), "w") as file:
            for part in ("train", "test"):
                file[f"{part}/x"] = rng.random((60, 4, 5, 3), dtype=np.float32)
                file[f"{part}/y"] = rng.integers(0, 10, 60)
        self.run_here(make_job(model=["flatten", *ENCODER], train={"epochs": 1},
                               dataset={"file": "colours.h5", "transform": ["pixel_permutation"]}))
        path = self.path("results/small/trial_1/last.h5")
        with h5py.File(path, "r") as file, h5py.File(self.path("colours.h5"), "r") as data:
            layers = json.loads(file.attrs["model_config"])["config"]["layers"]
            p, y = forward(layers, arrays(path), data["test/x"][:]), data["test/y"][:]
        loss = -np.log(p[np.arange(60), y]).mean()
        self.assertAlmostEqual(loss, own(path)[1]["val_loss"], delta=1e-5 * loss)

    def test_description_of_the_data(self):
        """What predictions of other data need: classes of each output, names, scale, encoding."""
        job = make_job(
            model=["flatten", dense(9)], train={"epochs": 1},
            heads={"digit": {"layers": [dense(10, activation="softmax")],
                             "loss": "categorical_crossentropy"},
                   "image": {"layers": [dense(784)], "target": "input",
                             "loss": "mean_squared_error"}})
        del job["train"]["loss"]
        self.run_here(job, "-o", "h.h5")
        with h5py.File(self.path("h/trial_1/last.h5")) as file:
            found = file["lockstep"]
            self.assertEqual(found.attrs["input_scale"], 1 / 255)
            self.assertNotIn("encoding", found.attrs)
            self.assertEqual([found[f"outputs/{i}"].attrs["classes"] for i in (1, 2)], [10, 0])
            names = found["outputs/1/class_names"].asstr()[:]
            self.assertEqual(list(names), [str(k) for k in range(10)])
            self.assertNotIn("class_names", found["outputs/2"])

    def test_layers_like_transforms(self):
        """Layers may have the names that layers of transforms have by default."""
        model = ["flatten", dense(12, name="transform_1"), dense(10, activation="softmax",
                                                                  name="rescaling")]
        config = self.config_of(model, dataset={"transform": ["standardization"]})
        names = [layer["config"]["name"] for layer in config["config"]["layers"]]
        self.assertEqual(names, ["input_1", "rescaling_1", "transform_1_flatten", "transform_1_1",
                                 "transform_1_shape", "flatten", "transform_1", "rescaling"])

    def test_file_of_an_earlier_version(self):
        """Its model takes what transforms leave."""
        job = make_job(model=["flatten", *ENCODER], dataset={"transform": [{"pca": 20}]},
                       train={"epochs": 1})
        self.run_here(job)
        path = self.path("results/small/trial_1/last.h5")
        found = self.lockstep("eval", path).stdout
        with h5py.File(path, "r+") as file:
            del file["lockstep"].attrs["raw_inputs"]
            config = json.loads(file.attrs["model_config"])
            layers = config["config"]["layers"]
            config["config"]["layers"] = [layers[0], *(layer for layer in layers[1:]
                                                       if layer["config"]["name"] in
                                                       ("flatten", "code", "dense"))]
            layers[0]["config"]["batch_input_shape"] = [None, 20]
            file.attrs["model_config"] = json.dumps(config)
            del file["model_weights/transform_1"]
            file["model_weights"].attrs["layer_names"] = ["flatten", "code", "dense"]
        self.assertEqual(self.lockstep("eval", path).stdout, found)

    def test_failure(self):
        """A folder that cannot be made fails the run before training, with one message."""
        with open(self.path("taken"), "w", encoding="utf-8") as file:
            file.write("a file where the folder should be")
        for ranks in (None, 2):
            done = self.run_here(make_job(), "-o", "taken.h5", ranks=ranks, status=1)
            self.assertEqual(self.complaints(done), [
                "lockstep: taken: cannot make the folder: Not a directory"])
        self.assertEqual(common.states(common.read(self.path("taken.h5"))), ["pending"])


class ReadingTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        self.lockstep("run", self.write_job(make_job(model=["flatten", *ENCODER], name="first")),
                      "--progress", "none")
        self.file = "results/first/trial_1/last.h5"
        self.code = arrays(self.path(self.file))["code"]

    def job_with(self, layer, name="second", **train):
        """A job whose first layer is initialized from the first job's."""
        settings = {"weights": self.file, "activation": "relu", "name": "code", **layer}
        model = [dense(settings.pop("units", 20), **settings), dense(12, activation="relu"),
                 dense(10, activation="softmax")]
        return make_job(model=["flatten", *model], name=name, train={"shards": 2, **train})

    def assert_same(self, layer, other):
        for name in ("kernel:0", "bias:0"):
            self.assertEqual(layer[name].tobytes(), other[name].tobytes())

    def test_frozen(self):
        """A frozen layer keeps every bit, on any number of ranks and with any reduction, with
        momentum, penalties and weight decay; the others learn."""
        frozen = {"trainable": False, "kernel_regularizer": {"l2": 0.1}}
        hashes = set()
        for ranks, reduction in ((1, "auto"), (2, "auto"), (2, "exchange")):
            job = self.job_with(frozen, reduction=reduction)
            self.lockstep("run", self.write_job(job), "--progress", "none", "-o", "second.h5",
                          ranks=ranks)
            layers = arrays(self.path("second/trial_1/last.h5"))
            self.assert_same(layers["code"], self.code)
            self.assertFalse((layers["dense"]["bias:0"] == 0).all())
            hashes.add(common.read(self.path("second.h5"))["weights_hash"].item())
            self.remove_results("second.h5")
        self.assertEqual(len(hashes), 1)

    def test_warm_start(self):
        """Without trainable: false the layer starts from these weights and learns."""
        still = self.job_with({}, optimizer={"sgd": {"learning_rate": 1e-30}}, epochs=1)
        self.lockstep("run", self.write_job(still), "--progress", "none", ranks=2)
        self.assert_same(arrays(self.path("results/second/trial_1/last.h5"))["code"], self.code)
        self.lockstep("run", self.write_job(self.job_with({}, name="third", epochs=1)),
                      "--progress", "none")
        layer = arrays(self.path("results/third/trial_1/last.h5"))["code"]
        self.assertFalse((layer["kernel:0"] == self.code["kernel:0"]).all())
        self.assertLess(abs(layer["kernel:0"] - self.code["kernel:0"]).max(), 0.5)

    def test_files_of_keras(self):
        """The ways in which versions of Keras name arrays; h5py writes texts of a fixed length."""
        kernel, bias = (self.code[f"{name}:0"].astype(np.float64) for name in ("kernel", "bias"))
        for prefix, suffix, weights_alone in (("code/", ":0", False), ("code/", "", True),
                                              ("sequential/code/", "", False),
                                              ("code/code/", ":0", False)):
            with h5py.File(self.path("keras.h5"), "w") as file:
                group = file if weights_alone else file.create_group("model_weights")
                group.attrs["layer_names"] = np.array([b"flatten", b"code"])
                group.create_group("flatten").attrs["weight_names"] = []
                names = [f"{prefix}{name}{suffix}" for name in ("bias", "kernel")]
                layer = group.create_group("code")
                layer.attrs["weight_names"] = np.array([name.encode() for name in names])
                layer[names[0]], layer[names[1]] = bias, kernel
            job = self.job_with({"weights": "keras.h5", "trainable": False}, epochs=1)
            self.lockstep("run", self.write_job(job), "--progress", "none", "-o", "k.h5")
            self.assert_same(arrays(self.path("k/trial_1/last.h5"))["code"], self.code)
            self.remove_results("k.h5")

    def test_refusals(self):
        """Found before anything runs or is created, reported once, with the place in the job."""
        with open(self.path("text.h5"), "w", encoding="utf-8") as file:
            file.write("hello")
        cases = [({"weights": "none.h5"}, "none.h5: cannot open: No such file or directory"),
                 ({"weights": "text.h5"}, "text.h5: is not a model file"),
                 ({"weights": common.digits()}, "is not a model file"),
                 ({"name": "cod"}, "has no layer 'cod' (did you mean 'code'?)"),
                 ({"units": 21}, "the kernel of its layer 'code' is [784, 20] (expected [784, 21])"),
                 ({"use_bias": False}, "its layer 'code' has 2 arrays (expected 1)")]
        for settings, says in cases:
            for ranks in (None, 3):
                with self.subTest(settings, ranks=ranks):
                    self.write_job(self.job_with(settings))
                    done = self.lockstep("run", "job.yaml", ranks=ranks, status=2)
                    lines = self.complaints(done)
                    self.assertEqual(len(lines), 1, done.stderr)
                    self.assertRegex(lines[0], r"^lockstep: job.yaml:\d+: model\[1\]\.dense"
                                               r"\.weights: ")
                    self.assertIn(says, lines[0])
                    self.assertFalse(os.path.exists(self.path("results/second.h5")))
        # The file may be written by a job that has not run yet.
        self.write_job(self.job_with({"weights": "none.h5"}))
        self.lockstep("check", "job.yaml")


if __name__ == "__main__":
    common.main()
