"""The network of a job as a function in PyTorch, written from the documentation of Keras 3: images
are [sample, height, width, channel], kernels those of Keras. Random layers use the streams of
philox.py; layers are numbered as in the program, where an activation is a layer."""

import dataclasses
import math

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

import philox

torch.set_default_dtype(torch.float64)


def tensor(array):
    return torch.as_tensor(np.asarray(array), dtype=torch.float64)


@dataclasses.dataclass
class Parameter:
    name: str  # LAYER/ARRAY
    value: torch.Tensor
    start: float  # the initial values are start + scale * (numbers from -1 to 1)
    scale: float
    l2: float = 0
    trainable: bool = True
    momentum: float = None  # of running means


@dataclasses.dataclass
class Pass:
    """What a step's random numbers depend on."""
    seed: int
    epoch: int


ACTIVATIONS = {
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "elu": F.elu,
    "selu": F.selu,
    "exponential": torch.exp,
    "hard_sigmoid": lambda x, slope=1 / 6: torch.clamp(slope * x + 0.5, 0, 1),
    "softmax": lambda x: F.softmax(x, -1),
}


# What a single value in the place of arguments is.
FIRST_ARGUMENTS = {"dropout": "rate", "gaussian_noise": "stddev", "sequential": "layers",
                   "activation": "activation", "salt_and_pepper": "amount", "random_flip": "mode",
                   "max_pooling2d": "pool_size", "average_pooling2d": "pool_size"}


def split(node, first=None):
    """`kind`, {kind: arguments} or {kind: value of the first argument} as kind and arguments."""
    if isinstance(node, str):
        return node, {}
    (kind, arguments), = node.items()
    if not isinstance(arguments, dict) and first is not None:
        arguments = {first: arguments}
    return kind, arguments


# Start and scale in place of `ones`: with 1 itself all outputs are nearly equal, about 1e7, maxima
# tie, and differences are rounding errors only.
ONES = 2.0**-6, 2.0**-10


def pair(value):
    return tuple(value) if isinstance(value, list) else (value, value)


def power_of_two(x):
    """The nearest one, so that products with numbers of 24 bits are exact in single precision."""
    return 2.0 ** round(math.log2(x))


def kernel_start(arguments, fan_in, fan_out):
    """Start and scale of a kernel: roughly those of the initializer with its defaults, if it is
    random."""
    kind, _ = split(arguments.get("kernel_initializer", "glorot_uniform"))
    if kind in ("zeros", "ones"):
        return ONES if kind == "ones" else (0.0, 0.0)
    limit = {"glorot_uniform": math.sqrt(6 / (fan_in + fan_out)),
             "glorot_normal": math.sqrt(6 / (fan_in + fan_out)),
             "he_normal": math.sqrt(6 / fan_in), "he_uniform": math.sqrt(6 / fan_in),
             "random_normal": 0.05, "truncated_normal": 0.05,
             "random_uniform": 0.05}[kind]
    return 0.0, power_of_two(limit)


def between(factor, share):
    low, high = (-factor, factor) if not isinstance(factor, list) else factor
    return low + share * (high - low)


class Network:
    """Its parameters in the program's order, and a list of functions of (x, pass)."""

    def __init__(self, shape):
        self.parameters = []
        self.counts = {}
        self.index = 0  # layers so far
        self.shape = shape  # of a sample, behind them

    def name(self, kind, arguments):
        if "name" in arguments:
            return arguments["name"]
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return kind if self.counts[kind] == 1 else f"{kind}_{self.counts[kind] - 1}"

    def add(self, name, shape, start, scale, penalty=None, **settings):
        kind, factor = split(penalty, "l2") if penalty else ("l2", {"l2": 0})
        assert kind == "l2"
        self.parameters.append(Parameter(name, torch.zeros(*shape), start, scale,
                                         l2=factor.get("l2", 0.01), **settings))
        return self.parameters[-1]

    def layers(self, nodes):
        """Appends layers; returns them as one function."""
        steps = []
        for node in nodes:
            kind, arguments = split(node, FIRST_ARGUMENTS.get(kind_of(node)))
            if kind == "sequential":
                steps.append(self.layers(arguments["layers"]))
                continue
            if kind == "dense" and self.index == 0 and len(self.shape) > 1:
                steps.append(self.flatten("flatten", {}))
                self.index += 1
            steps.append(getattr(self, kind)(self.name(kind, arguments), arguments))
            self.index += 1
            activation = arguments.get("activation", "linear")
            if kind != "activation" and activation != "linear":
                steps.append(self.activation(None, {"activation": activation}))
                self.index += 1

        def run(x, now):
            for step in steps:
                x = step(x, now)
            return x
        return run

    # ---- Layers with parameters

    def kernel_and_bias(self, name, arguments, shape, fan_in, fan_out):
        start, scale = kernel_start(arguments, fan_in, fan_out)
        trainable = arguments.get("trainable", True)
        kernel = self.add(f"{name}/kernel", shape, start, scale,
                          arguments.get("kernel_regularizer"), trainable=trainable)
        if not arguments.get("use_bias", True):
            return kernel, None
        bias_scale = 0.0 if (start, scale) == (0, 0) else 2.0**-6
        bias = self.add(f"{name}/bias", shape[-1:], 0.0, bias_scale,
                        arguments.get("bias_regularizer"), trainable=trainable)
        return kernel, bias

    def dense(self, name, arguments):
        inputs, units = self.shape[0], arguments["units"]
        kernel, bias = self.kernel_and_bias(name, arguments, (inputs, units), inputs, units)
        self.shape = (units,)
        return lambda x, now: x @ kernel.value + (bias.value if bias else 0)

    def conv2d(self, name, arguments):
        size, strides = pair(arguments["kernel_size"]), pair(arguments.get("strides", 1))
        channels, filters = self.shape[2], arguments["filters"]
        area = size[0] * size[1]
        kernel, bias = self.kernel_and_bias(name, arguments, (*size, channels, filters),
                                            area * channels, area * filters)
        pads = []  # of the columns first; the odd one at the end
        for extent, k, s in zip(self.shape[1::-1], size[::-1], strides[::-1]):
            same = arguments.get("padding", "valid") == "same"
            most = max((math.ceil(extent / s) - 1) * s + k - extent, 0) if same else 0
            pads += [most // 2, most - most // 2]
        self.shape = tuple((extent + a + b - k) // s + 1 for extent, a, b, k, s in zip(
            self.shape[:2], pads[2::-2], pads[3::-2], size, strides)) + (filters,)

        def run(x, now):
            x = F.pad(x.permute(0, 3, 1, 2), pads)
            y = F.conv2d(x, kernel.value.permute(3, 2, 0, 1), stride=strides)
            return y.permute(0, 2, 3, 1) + (bias.value if bias else 0)
        return run

    def batch_normalization(self, name, arguments):
        assert not set(arguments) - {"momentum", "epsilon", "name"}
        momentum, width = arguments.get("momentum", 0.99), self.shape[-1:]
        gamma = self.add(f"{name}/gamma", width, 1.0, 2.0**-6)
        beta = self.add(f"{name}/beta", width, 0.0, 2.0**-6)
        moving = [self.add(f"{name}/moving_{what}", width, start, 0.0, momentum=momentum)
                  for what, start in (("mean", 0.0), ("variance", 1.0))]

        def run(x, now):
            axes = tuple(range(x.dim() - 1))
            mean, variance = x.mean(axes), x.var(axes, unbiased=False)
            for running, value in zip(moving, (mean, variance)):
                running.value = momentum * running.value + (1 - momentum) * value.detach()
            return (x - mean) / torch.sqrt(variance + arguments.get("epsilon", 1e-3)) \
                * gamma.value + beta.value
        return run

    # ---- Layers without

    def activation(self, name, arguments):
        kind, settings = split(arguments["activation"])
        return lambda x, now: ACTIVATIONS[kind](x, **settings)

    def flatten(self, name, arguments):
        self.shape = (math.prod(self.shape),)
        return lambda x, now: x.reshape(x.shape[0], -1)

    def pooling(self, arguments, pool):
        size = pair(arguments.get("pool_size", 2))
        strides = pair(arguments.get("strides", arguments.get("pool_size", 2)))
        assert arguments.get("padding", "valid") == "valid"
        self.shape = tuple((extent - k) // s + 1 for extent, k, s in zip(
            self.shape[:2], size, strides)) + self.shape[2:]
        return lambda x, now: pool(x.permute(0, 3, 1, 2), size, strides).permute(0, 2, 3, 1)

    def max_pooling2d(self, name, arguments):
        return self.pooling(arguments, F.max_pool2d)

    def average_pooling2d(self, name, arguments):
        return self.pooling(arguments, F.avg_pool2d)

    def global_average_pooling2d(self, name, arguments):
        self.shape = self.shape[2:]
        return lambda x, now: x.mean((1, 2))

    # ---- Random ones

    def streams(self, purpose):
        """A function of (pass, sample)."""
        layer = self.index
        return lambda now, sample: (now.seed, purpose, now.epoch, layer, sample)

    def by_element(self, purpose, make):
        """make(number of elements, stream): an array for each sample."""
        stream = self.streams(purpose)

        def run(x, now):
            size = math.prod(x.shape[1:])
            rows = [make(size, stream(now, sample)) for sample in range(len(x))]
            return tensor(np.stack(rows)).reshape(x.shape)
        return run

    def by_image(self, change):
        """change(image, stream): each image changed."""
        stream = self.streams(philox.AUGMENTATION)

        def run(x, now):
            assert not x.requires_grad
            return tensor(np.stack([change(image, stream(now, sample))
                                    for sample, image in enumerate(x.numpy())]))
        return run

    def dropout(self, name, arguments):
        rate = arguments["rate"]
        masks = self.by_element(philox.DROPOUT, lambda size, stream: philox.bits(
            size, *stream) >= int(rate * 2**32))
        return lambda x, now: x * masks(x, now) / (1 - rate)

    def gaussian_noise(self, name, arguments):
        def draw(size, stream):
            words = philox.bits(size + size % 2, *stream).reshape(-1, 2) >> np.uint64(8)
            radius = np.sqrt(-2 * np.log((words[:, 0] + 1.0) / 2**24))
            angle = 2 * np.pi * words[:, 1] / 2.0**24
            both = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
            return both.ravel()[:size]
        noise = self.by_element(philox.NOISE, draw)
        return lambda x, now: x + arguments["stddev"] * noise(x, now)

    def salt_and_pepper(self, name, arguments):
        amount = arguments["amount"]
        salt = amount * arguments.get("ratio", 0.5)
        draws = self.by_element(philox.NOISE, lambda size, stream: philox.uniform(size, *stream))

        def run(x, now):
            u = draws(x, now)
            return torch.where(u < salt, torch.ones_like(x),
                               torch.where(u < amount, torch.zeros_like(x), x))
        return run

    def resampling(self, arguments, places):
        """places(stream): rows and columns of the input for each pixel."""
        assert arguments.get("interpolation", "bilinear") == "bilinear"
        mode = {"constant": "grid-constant", "nearest": "nearest", "reflect": "reflect"}[
            arguments.get("fill_mode", "reflect")]

        def resample(image, stream):
            at = places(stream)
            return np.stack([ndimage.map_coordinates(image[..., c], at, order=1, mode=mode,
                                                     cval=arguments.get("fill_value", 0))
                             for c in range(image.shape[2])], -1)
        return self.by_image(resample)

    def random_affine(self, name, arguments):
        height, width = self.shape[:2]
        row, column = np.mgrid[:height, :width]
        centre = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1]])
        factors = [arguments.get(key, 0) for key in (
            "rotation", "shear", "height_zoom", "width_zoom", "height_translation",
            "width_translation")]

        def places(stream):
            shares = philox.uniform(6, *stream)
            turns, shear, tall, broad, down, right = map(between, factors, shares)
            if "width_zoom" not in arguments:
                broad = tall
            c, s = math.cos(2 * math.pi * turns), math.sin(2 * math.pi * turns)
            zoom = np.diag([1 + broad, 1 + tall, 1])
            slant = np.array([[1, shear, 0], [0, 1, 0], [0, 0, 1]])
            about = zoom @ slant @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
            move = np.array([[1, 0, -right * width], [0, 1, -down * height], [0, 0, 1]])
            matrix = centre @ about @ np.linalg.inv(centre) @ move
            x, y, _ = np.tensordot(matrix, np.stack([column, row, np.ones_like(row)]), 1)
            return y, x
        return self.resampling(arguments, places)

    def random_translation(self, name, arguments):
        factors = {f"{side}_translation": arguments[f"{side}_factor"]
                   for side in ("height", "width")}
        return self.random_affine(name, {**arguments, **factors})

    def random_flip(self, name, arguments):
        assert arguments == {"mode": "horizontal"}

        def flip(image, stream):
            return image[:, ::-1] if philox.uniform(2, *stream)[0] < 0.5 else image
        return self.by_image(flip)

    def random_erasing(self, name, arguments):
        assert set(arguments) == {"factor", "scale"}
        height, width = self.shape[:2]

        def span(size, share, place):
            length = size * math.sqrt(between(arguments["scale"], share))
            start = place * (size - length)
            return slice(math.ceil(start), math.ceil(start + length))

        def erase(image, stream):
            share_x, share_y, place_x, place_y, chance, u = philox.uniform(6, *stream)
            if u >= between(arguments["factor"], chance):
                return image
            noise = philox.normal(6 + image.size, *stream)[6:].reshape(image.shape)
            where = span(height, share_y, place_y), span(width, share_x, place_x)
            image = image.copy()
            image[where] = np.clip(noise[where], 0, 1)
            return image
        return self.by_image(erase)

    def elastic_transform(self, name, arguments):
        height, width = self.shape[:2]
        grid = np.mgrid[:height, :width].astype(float)

        def places(stream):
            words = philox.bits(height * width, *stream).reshape(height, width)
            fields = [words & np.uint64(0xFFFF), words >> np.uint64(16)]
            return [start + arguments.get("alpha", 34) * ndimage.gaussian_filter(
                (half + 0.5) / 32768 - 1, arguments.get("sigma", 4), mode="constant", truncate=4)
                for start, half in zip(grid, fields)]
        return self.resampling(arguments, places)


def kind_of(node):
    return node if isinstance(node, str) else next(iter(node))
