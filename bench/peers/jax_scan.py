"""Trains a network of networks.py with JAX on samples in memory, and prints the milliseconds of a
step: the median over all epochs but the first.

An epoch is one compiled call: lax.scan over the minibatches, which are gathered from the samples in
a new order in each epoch, drawn before the time of the epoch starts. The process is bound to a
number of cores. Samples are train_x.npy and train_y.npy of the folder, kept as float32. With
--bfloat16 weights and samples are converted to bfloat16 for each step (mixed precision).

With --weights nothing is timed: starting from these weights, with all samples in one batch, it
prints the loss with penalties before each step."""
import math
import os
import pathlib
import statistics
import sys
import time

sys.path[0] = str(pathlib.Path(__file__).resolve().parent.parent)

import networks

ACTIVATIONS = {"relu": lambda x: jax.nn.relu(x), "sigmoid": lambda x: jax.nn.sigmoid(x),
               "softmax": lambda x: x}  # that is in the loss


class Network:
    """The layers as functions of their parameters, an input and a key; `factors` are the L2 factors
    of kernels, or 0."""

    def __init__(self, layers):
        self.shape, self.sizes, self.factors, self.layers = networks.INPUT, [], [], []
        for layer in layers:
            name, arguments = networks.kind_of(layer)
            getattr(self, name)(arguments)

    def add_kernel(self, sizes, arguments, product):
        """`product` computes the output before bias and activation."""
        number, activation = len(self.sizes), ACTIVATIONS[arguments["activation"]]
        self.sizes.append(sizes)
        self.factors.append(arguments.get("kernel_regularizer", {}).get("l2", 0))

        def layer(parameters, x, key):
            kernel, bias = parameters[number]
            return activation(product(x, kernel) + bias)

        self.layers.append(layer)

    def dense(self, arguments):
        if len(self.shape) > 1:
            self.flatten({})
        self.add_kernel((self.shape[0], arguments["units"]), arguments, lambda x, w: x @ w)
        self.shape = (arguments["units"],)

    def conv2d(self, arguments):
        height, width, channels = self.shape
        filters, size = arguments["filters"], arguments["kernel_size"]
        padding = arguments.get("padding", "valid").upper()
        lost = 0 if padding == "SAME" else size - 1
        self.add_kernel((size, size, channels, filters), arguments,
                        lambda x, w: jax.lax.conv_general_dilated(
                            x, w, (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")))
        self.shape = (height - lost, width - lost, filters)

    def max_pooling2d(self, _):
        height, width, channels = self.shape
        self.layers.append(lambda parameters, x, key: jax.lax.reduce_window(
            x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID"))
        self.shape = (height // 2, width // 2, channels)

    def flatten(self, _):
        self.layers.append(lambda parameters, x, key: x.reshape(len(x), -1))
        self.shape = (math.prod(self.shape),)

    def dropout(self, rate):
        self.layers.append(lambda parameters, x, key: jnp.where(
            jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0).astype(x.dtype))

    def gaussian_noise(self, deviation):
        self.layers.append(lambda parameters, x, key: x + deviation * jax.random.normal(
            key, x.shape, x.dtype))

    def initial(self, key):
        """With the default initial weights of Keras and Lockstep."""
        make = jax.nn.initializers.glorot_uniform()
        return [(make(key, sizes), jnp.zeros(sizes[-1])) for sizes in self.sizes]

    def loss(self, parameters, x, y, key):
        outputs = x
        keys = jax.random.split(key, len(self.layers))
        for layer, own in zip(self.layers, keys):
            outputs = layer(parameters, outputs, own)
        logs = jax.nn.log_softmax(outputs.astype(jnp.float32))
        penalty = sum(factor * (kernel.astype(jnp.float32) ** 2).sum()
                      for factor, (kernel, _) in zip(self.factors, parameters) if factor)
        return -jnp.take_along_axis(logs, y[:, None], 1).mean() + penalty


def make_update(description):
    """The optimizer: (weight, gradient, slot) to (weight, slot), as Keras has them."""
    name, arguments = networks.kind_of(description)
    rate = arguments["learning_rate"]
    if name == "sgd":
        momentum = arguments.get("momentum", 0)

        def update(weight, gradient, slot):
            slot = momentum * slot - rate * gradient
            return weight + slot, slot
    else:
        rho, epsilon = arguments["rho"], arguments["epsilon"]

        def update(weight, gradient, slot):
            slot = rho * slot + (1 - rho) * gradient**2
            return weight - rate * gradient / jnp.sqrt(slot + epsilon), slot
    return update


def make_step(network, update, dtype):
    """(state, images, labels, key) to (state, loss); a state is parameters and slots."""
    def loss_of(parameters, x, y, key):
        cast = jax.tree.map(lambda a: a.astype(dtype), parameters)
        return network.loss(cast, x.astype(dtype), y, key)

    def step(state, x, y, key):
        parameters, slots = state
        loss, gradients = jax.value_and_grad(loss_of)(parameters, x, y, key)
        pairs = jax.tree.map(update, parameters, gradients, slots)
        return jax.tree.transpose(jax.tree.structure(parameters), jax.tree.structure((0, 0)),
                                  pairs), loss

    return step


def load(folder, count):
    x = np.load(pathlib.Path(folder) / "train_x.npy", mmap_mode="r")[:count]
    y = np.load(pathlib.Path(folder) / "train_y.npy")[:count]
    return jnp.asarray(x.astype(np.float32) / np.float32(255)), jnp.asarray(y.astype(np.int32))


def time_epochs(step, state, x, y, args):
    @jax.jit
    def epoch(state, order, key):
        def one(carry, chosen):
            state, key = carry
            key, own = jax.random.split(key)
            state, loss = step(state, x[chosen], y[chosen], own)
            return (state, key), loss

        (state, _), losses = jax.lax.scan(one, (state, key), order)
        return state, losses

    seconds = []
    for number in range(args.epochs):
        key = jax.random.key(number)
        order = jax.random.permutation(key, len(x)).reshape(args.steps, args.batch)
        jax.block_until_ready((order, state))
        start = time.perf_counter()
        state, losses = epoch(state, order, key)
        jax.block_until_ready((state, losses))
        seconds.append(time.perf_counter() - start)
    return seconds


def losses_of(step, state, x, y, args):
    compiled, losses = jax.jit(step), []
    for _ in range(args.steps):
        state, loss = compiled(state, x, y, jax.random.key(0))
        losses.append(float(loss))
    return losses


def main():
    global jax, jnp, np
    parser = networks.peer_arguments(__doc__)
    parser.add_argument("--bfloat16", action="store_true", help="mixed precision")
    args = parser.parse_args()
    # Before anything starts threads: JAX starts as many as there are cores for them.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-args.threads :])
    os.environ.setdefault("JAX_PLATFORMS", "cpu")

    import jax
    import jax.numpy as jnp
    import numpy as np

    x, y = load(args.data, args.batch * (1 if args.weights else args.steps))
    network = Network(networks.layers_of(args.network, random=not args.weights))
    step = make_step(network, make_update(networks.optimizer_of(args.network)),
                     jnp.bfloat16 if args.bfloat16 else jnp.float32)
    parameters = network.initial(jax.random.key(1))
    if args.weights:
        arrays = np.load(args.weights)
        parameters = [(jnp.asarray(arrays[f"arr_{2 * i}"]), jnp.asarray(arrays[f"arr_{2 * i + 1}"]))
                      for i in range(len(parameters))]
    state = parameters, jax.tree.map(jnp.zeros_like, parameters)
    count = sum(a.size for a in jax.tree.leaves(parameters))
    if args.weights:
        losses = ",".join(f"{loss:.8g}" for loss in losses_of(step, state, x, y, args))
        print(f"losses={losses} parameters={count}")
        return
    seconds = time_epochs(step, state, x, y, args)
    print(f"epochs={','.join(f'{s:.6g}' for s in seconds)} "
          f"milliseconds={statistics.median(seconds[1:]) / args.steps * 1e3:.6g} "
          f"parameters={count} steps={args.steps} samples={len(x)}")


if __name__ == "__main__":
    main()
