"""Keras reads model files: its predictions on the test images, as the dataset has them, give the
loss and accuracy that the file says they have. Run by `scripts/test --long` with a Python that has Keras:

    build/keras/bin/python tests/keras/model_files.py PATH_TO_LOCKSTEP"""

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("PYTHONWARNINGS", "ignore")
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import h5py
import keras
import numpy as np

import common
from common import dense, make_job

LAST = dense(10, activation="softmax")


def conv(filters, **settings):
    return {"conv2d": {"filters": filters, "kernel_size": 3, **settings}}


# Every layer that Keras has, and some that it lacks.
MODELS = {
    "dense": [dense(20, activation="relu", name="code", kernel_regularizer="l1_l2"),
              {"dropout": 0.2}, dense(12, use_bias=False, kernel_initializer="he_normal"), LAST],
    "activations": [dense(20, activation={"leaky_relu": 0.1}), dense(20, activation="selu"),
                    dense(20, activation={"elu": 0.5}), {"activation": "gelu"},
                    dense(20, activation="swish"), dense(20, activation="softplus"),
                    {"activation": {"activation": {"leaky_relu": 0.4}}}, dense(10),
                    {"activation": {"activation": "softmax", "name": "probabilities"}}],
    "hard": [dense(20, activation="hard_sigmoid"), dense(20, activation="elu"),
             dense(20, activation="leaky_relu"), dense(20, activation="exponential"), LAST],
    "normalised": [dense(20), "batch_normalization", {"activation": "relu"},
                   {"gaussian_noise": 0.1}, {"salt_and_pepper": 0.1}, dense(20),
                   {"batch_normalization": {"scale": False, "momentum": 0.9}},
                   {"activity_regularization": {"l2": 0}}, LAST],
    "pooled": [{"random_rotation": 0.02}, {"elastic_transform": {"alpha": 2}},
               conv(4, activation="relu"), {"max_pooling2d": 2}, "batch_normalization",
               conv(6, padding="same", strides=[2, 1], use_bias=False),
               {"average_pooling2d": {"pool_size": [2, 3], "strides": 1, "padding": "same"}},
               "global_average_pooling2d", LAST],
    "transposed": [conv(4, strides=2), {"upsampling2d": {"size": [2, 1]}},
                   {"conv2d_transpose": {"filters": 3, "kernel_size": [3, 2], "strides": 2,
                                         "padding": "same", "activation": "relu"}},
                   {"upsampling2d": {"size": 2, "interpolation": "bilinear"}},
                   {"max_pooling2d": {"pool_size": [5, 2], "strides": [4, 2]}},
                   "global_max_pooling2d", LAST],
    "reshaped": [dense(36), {"reshape": [6, 6, 1]}, conv(3), {"reshape": [-1]}, "flatten", LAST],
}


# Transforms, alone and in chains, and the shape of the images: [28, 28, 1] or colours.
TRANSFORMS = {
    "standardization": (["standardization"], 1),
    "together": ([{"standardization": {"per_feature": False}}], 3),
    "channels": ([{"standardization": {"per_channel": True}}], 3),
    "pca": ([{"pca": {"components": 30, "whiten": True}}], 1),
    "permutation": (["pixel_permutation"], 1),
    "colours": ([{"pixel_permutation": {"seed": 4}}], 3),
    "chain": (["pixel_permutation", "standardization", {"pca": 40}, "standardization",
               {"pixel_permutation": {"seed": 1}}], 3),
}


class KerasTest(common.ProgramTest):
    def load(self, job, name="best", dataset=None):
        self.remove_results("x.h5")
        self.lockstep("run", self.write_job(job), "--progress", "none", "-o", "x.h5")
        path = self.path(f"x/trial_1/{name}.h5")
        with h5py.File(path, "r") as file:
            metrics = dict(file["lockstep/metrics"].attrs)
        model = keras.models.load_model(path, compile=False)
        with h5py.File(dataset or common.digits(), "r") as file:
            x, y = file["test/x"], file["test/y"][:]
            inputs = x[:].reshape(len(y), *model.input_shape[1:])
            p = model.predict(inputs, batch_size=100, verbose=0)
        self.compare_predictions(path, dataset or common.digits(), p)
        return model, p, y, metrics

    def compare_predictions(self, path, data, p):
        """lockstep predict has Keras's predictions of the same file."""
        self.lockstep("predict", path, data, "-o", "p.h5")
        with h5py.File(self.path("p.h5"), "r") as file:
            names = sorted(name for name in file if name.endswith("probability"))
            for name, expected in zip(names, p if isinstance(p, list) else [p], strict=True):
                np.testing.assert_allclose(file[name][:], expected, atol=2e-5)

    def compare(self, p, y, loss, accuracy):
        self.assertEqual(np.mean(p.argmax(axis=1) == y), accuracy)
        found = -np.log(p[np.arange(len(y)), y].astype(np.float64)).mean()
        self.assertAlmostEqual(found, loss, delta=2e-5 * loss)

    def test_models(self):
        train = {"epochs": 1, "optimizer": {"sgd": {"learning_rate": 0.05}}}
        for name, layers in MODELS.items():
            with self.subTest(name):
                for layer in layers:  # penalties are in the loss
                    if isinstance(layer, dict) and "dense" in layer:
                        layer["dense"].pop("kernel_regularizer", None)
                _, p, y, metrics = self.load(make_job(model=layers, train=train))
                self.compare(p, y, metrics["val_loss"], metrics["val_accuracy"])

    def colours(self):
        """The digits in three colours, with other values in each."""
        path = self.path("colours.h5")
        with h5py.File(common.digits(), "r") as digits, h5py.File(path, "w") as file:
            for part in ("train", "test"):
                x = digits[f"{part}/x"][:].reshape(-1, 28, 28, 1)
                file[f"{part}/x"] = np.concatenate([x, x // 2, 255 - x[:, ::-1]], axis=3)
                file[f"{part}/x"].attrs["scale"] = 1 / 255
                file[f"{part}/y"] = digits[f"{part}/y"][:]
        return path

    def test_transforms(self):
        """Frozen layers of the model do what the job's transforms do."""
        train = {"epochs": 1, "optimizer": {"sgd": {"learning_rate": 0.05}}}
        for name, (transforms, channels) in TRANSFORMS.items():
            with self.subTest(name):
                file = self.colours() if channels == 3 else common.digits()
                job = make_job(model=["flatten", dense(20, activation="relu"), LAST], train=train,
                               dataset={"file": file, "transform": transforms})
                model, p, y, metrics = self.load(job, dataset=file)
                self.assertEqual(model.input_shape, (None, 28, 28, channels))
                self.compare(p, y, metrics["val_loss"], metrics["val_accuracy"])
                own = [layer.name for layer in model.layers if layer.trainable_weights]
                self.assertEqual(own, ["dense", "dense_1"])

    def test_heads(self):
        job = make_job(model=[dense(20, activation="relu")],
                       dataset={"transform": ["pixel_permutation", "standardization", {"pca": 50}]})
        del job["train"]["loss"]
        job["heads"] = {
            name: {"layers": layers, "loss": "categorical_crossentropy"}
            for name, layers in (("one", [LAST]), ("two", [dense(20, activation="tanh"), LAST]))}
        model, p, y, metrics = self.load(job, "last")
        self.assertEqual(len(model.outputs), 2)
        for k, head in enumerate(("one", "two")):
            self.compare(p[k], y, metrics[f"val_{head}_loss"], metrics[f"val_{head}_accuracy"])

    def test_scaled_targets(self):
        """Keras's outputs are in the units of the data, as those of `predict`; layers that scale
        do not change which weights Keras gives to which layer."""
        path = self.path("values.h5")
        random = np.random.default_rng(1)
        with h5py.File(path, "w") as file:
            for part, n in (("train", 96), ("test", 32)):
                x = random.normal(size=(n, 5))
                file[f"{part}/x"] = x
                file[f"{part}/y/one"] = 1000 + 50 * x[:, 0]
                file[f"{part}/y/two"] = x[:, :2] * [3, 0.02] + [0, 7]
        heads = {"one": {"layers": [dense(4, activation="tanh"), dense(1)],
                         "target_scaling": "min_max_scaling"},
                 "two": {"layers": [dense(2), {"reshape": [2, 1]}],
                         "target_scaling": "standardization"}}
        for names in (["one", "two"], ["two"], ["one"]):
            with self.subTest(names):
                job = make_job(model=[dense(6, activation="relu")], dataset={"file": path},
                               train={"epochs": 3})
                del job["train"]["loss"]
                job["train"].pop("metrics", None)
                job["heads"] = {name: {**heads[name], "loss": "mean_squared_error",
                                       "target": name} for name in names}
                self.remove_results("x.h5")
                self.lockstep("run", self.write_job(job), "--progress", "none", "-o", "x.h5")
                model = self.path("x/trial_1/last.h5")
                with h5py.File(path, "r") as file:
                    outputs = keras.models.load_model(model, compile=False).predict(
                        file["test/x"][:], verbose=0)
                self.lockstep("predict", model, path, "-o", "p.h5")
                with h5py.File(self.path("p.h5"), "r") as file:
                    for name, output in zip(names, outputs if len(names) > 1 else [outputs],
                                            strict=True):
                        found = file[name][:].reshape(output.shape)
                        np.testing.assert_allclose(found, output, rtol=2e-6, atol=1e-5)

    def test_there_and_back(self):
        """A job starts from a layer of a file written by Keras."""
        model = keras.Sequential([keras.layers.Input((28, 28, 1)), keras.layers.Flatten(),
                                  keras.layers.Dense(20, activation="relu", name="code"),
                                  keras.layers.Dense(10, activation="softmax")])
        model.save(self.path("keras.h5"))
        layer = dense(20, activation="relu", name="code", weights="keras.h5", trainable=False)
        trained, *_ = self.load(make_job(model=[layer, LAST]), "last")
        for one, other in zip(trained.get_layer("code").get_weights(),
                              model.get_layer("code").get_weights()):
            self.assertEqual(one.tobytes(), other.tobytes())


if __name__ == "__main__":
    print("Keras", keras.__version__)
    common.main()
