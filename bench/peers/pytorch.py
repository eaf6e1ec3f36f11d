"""Trains a network of networks.py with PyTorch on samples in memory, and prints the milliseconds of
a step: the median over all epochs but the first.

One process with a number of threads, or a number of ranks of DistributedDataParallel over gloo with
one thread each, which divide each batch. Samples are train_x.npy and train_y.npy of the folder.
They are kept as float32 and gathered for each batch, in a new order in each epoch, which is drawn
before the time of the epoch starts.

With --compile the model is compiled by torch.compile; with --bfloat16 its layers compute in bfloat16
(autocast).

With --weights nothing is timed: starting from these weights, in Keras's layout, with all samples in
one batch, it prints the loss with penalties before each step."""
import math
import os
import pathlib
import statistics
import sys
import tempfile
import time

sys.path[0] = str(pathlib.Path(__file__).resolve().parent.parent)

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn

import networks


class GaussianNoise(nn.Module):
    def __init__(self, deviation):
        super().__init__()
        self.deviation = deviation

    def forward(self, x):
        return x + self.deviation * torch.randn_like(x) if self.training else x


ACTIVATIONS = {"relu": [nn.ReLU], "sigmoid": [nn.Sigmoid], "softmax": []}  # that is in the loss


class Builder:
    """Modules of layers; `penalties` are pairs of a kernel and its L2 factor, `kernels` those of
    all layers with the shape [channel, height, width] of an input that was flattened, or None."""

    def __init__(self, layers, shape=networks.INPUT):
        height, width, channels = shape
        self.shape, self.flattened = (channels, height, width), None
        self.modules, self.penalties, self.kernels = [], [], []
        for layer in layers:
            name, arguments = networks.kind_of(layer)
            getattr(self, name)(arguments)

    def add_kernel(self, module, arguments):
        """With the default initial weights of Keras and Lockstep."""
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)
        self.modules += [module, *(make() for make in ACTIVATIONS[arguments["activation"]])]
        self.kernels.append((module, self.flattened))
        self.flattened = None
        if "kernel_regularizer" in arguments:
            self.penalties.append((module.weight, arguments["kernel_regularizer"]["l2"]))

    def dense(self, arguments):
        if len(self.shape) > 1:
            self.flatten({})
        self.add_kernel(nn.Linear(self.shape[0], arguments["units"]), arguments)
        self.shape = (arguments["units"],)

    def conv2d(self, arguments):
        channels, height, width = self.shape
        filters, size = arguments["filters"], arguments["kernel_size"]
        same = arguments.get("padding") == "same"
        self.add_kernel(nn.Conv2d(channels, filters, size, padding=size // 2 if same else 0),
                        arguments)
        lost = 0 if same else size - 1
        self.shape = (filters, height - lost, width - lost)

    def max_pooling2d(self, _):
        channels, height, width = self.shape
        self.modules.append(nn.MaxPool2d(2))
        self.shape = (channels, height // 2, width // 2)

    def flatten(self, _):
        self.modules.append(nn.Flatten())
        self.flattened, self.shape = self.shape, (math.prod(self.shape),)

    def dropout(self, rate):
        self.modules.append(nn.Dropout(rate))

    def gaussian_noise(self, deviation):
        self.modules.append(GaussianNoise(deviation))


def make_optimizer(model, penalties, description):
    """An L2 factor f adds 2 f w to the gradient: for PyTorch a weight decay of 2 f."""
    penalised = {id(kernel) for kernel, _ in penalties}
    others = [p for p in model.parameters() if id(p) not in penalised]
    groups = [{"params": others}, *({"params": [kernel], "weight_decay": 2 * factor}
                                    for kernel, factor in penalties)]
    name, arguments = networks.kind_of(description)
    rate = arguments["learning_rate"]
    if name == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=arguments.get("momentum", 0))
    return torch.optim.RMSprop(groups, lr=rate, alpha=arguments["rho"],
                               eps=math.sqrt(arguments["epsilon"]))


def load(folder, part="train", count=None):
    """Images [sample, channel, height, width] and labels."""
    x = np.load(pathlib.Path(folder) / f"{part}_x.npy", mmap_mode="r")[:count]
    y = np.load(pathlib.Path(folder) / f"{part}_y.npy")[:count]
    images = np.ascontiguousarray(x.transpose(0, 3, 1, 2)).astype(np.float32) / np.float32(255)
    return torch.from_numpy(images), torch.from_numpy(y.astype(np.int64))


def begin(rank, ranks, threads, meeting):
    """Initializes this process as one of the ranks that rendezvous at a file."""
    torch.set_num_threads(threads)
    torch.manual_seed(rank)
    if ranks > 1:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
        dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank,
                                world_size=ranks)


def distributed(model, ranks):
    return nn.parallel.DistributedDataParallel(model, gradient_as_bucket_view=True) \
        if ranks > 1 else model


def share(order, first, batch, rank, ranks):
    """The rank's samples of the batch that begins there."""
    return order[first + batch * rank // ranks : first + batch * (rank + 1) // ranks]


def step(model, criterion, optimizer, images, labels, bfloat16=False):
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        outputs = model(images)
    loss = criterion(outputs.float(), labels)
    loss.backward()
    optimizer.step()
    return loss


def train(rank, args, meeting, images, labels):
    begin(rank, args.ranks, args.threads, meeting)
    layout = torch.channels_last if args.channels_last else torch.contiguous_format
    built = Builder(networks.layers_of(args.network))
    plain = nn.Sequential(*built.modules).to(memory_format=layout)
    model = distributed(plain, args.ranks)
    if args.compile:
        model = torch.compile(model)
    optimizer = make_optimizer(plain, built.penalties, networks.optimizer_of(args.network))
    criterion = nn.CrossEntropyLoss()
    seconds = []
    for epoch in range(args.epochs):
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(epoch))
        start = time.perf_counter()
        for first in range(0, args.steps * args.batch, args.batch):
            chosen = share(order, first, args.batch, rank, args.ranks)
            batch = images[chosen].contiguous(memory_format=layout)
            step(model, criterion, optimizer, batch, labels[chosen], args.bfloat16)
        seconds.append(time.perf_counter() - start)
    if rank == 0:
        print(f"epochs={','.join(f'{s:.6g}' for s in seconds)} "
              f"milliseconds={statistics.median(seconds[1:]) / args.steps * 1e3:.6g} "
              f"parameters={sum(p.numel() for p in plain.parameters())} steps={args.steps} "
              f"samples={len(images)}")
    if args.ranks > 1:
        dist.destroy_process_group()


def take_weights(kernels, path):
    """Kernels are given as [input, unit] or [height, width, channel, filter]."""
    arrays = np.load(path)
    for number, (module, flattened) in enumerate(kernels):
        kernel = arrays[f"arr_{2 * number}"]
        if kernel.ndim == 4:
            kernel = kernel.transpose(3, 2, 0, 1)
        else:
            if flattened:
                channels, height, width = flattened
                kernel = kernel.reshape(height, width, channels, -1).transpose(2, 0, 1, 3)
            kernel = kernel.reshape(module.in_features, -1).T
        module.weight.data = torch.from_numpy(kernel.copy())
        module.bias.data = torch.from_numpy(arrays[f"arr_{2 * number + 1}"])


def print_losses(args, images, labels):
    torch.set_num_threads(args.threads)
    built = Builder(networks.layers_of(args.network, random=False))
    model = nn.Sequential(*built.modules)
    take_weights(built.kernels, args.weights)
    optimizer = make_optimizer(model, built.penalties, networks.optimizer_of(args.network))
    losses = []
    for _ in range(args.steps):
        penalty = sum(factor * kernel.detach().square().sum()
                      for kernel, factor in built.penalties)
        losses.append(float(step(model, nn.CrossEntropyLoss(), optimizer, images, labels)
                            + penalty))
    print(f"losses={','.join(f'{loss:.8g}' for loss in losses)} "
          f"parameters={sum(p.numel() for p in model.parameters())}")


def main():
    parser = networks.peer_arguments(__doc__)
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--rank", type=int, help="be this one, the others being started elsewhere")
    parser.add_argument("--meeting", help="with --rank: a file, not there yet, that all can reach")
    parser.add_argument("--channels-last", action="store_true", help="images as Lockstep has them")
    parser.add_argument("--compile", action="store_true", help="by torch.compile")
    parser.add_argument("--bfloat16", action="store_true", help="mixed precision")
    args = parser.parse_args()
    images, labels = load(args.data, count=args.batch * (1 if args.weights else args.steps))
    if args.weights:
        print_losses(args, images, labels)
        return
    if args.meeting:
        train(args.rank, args, args.meeting, images, labels)
        return
    with tempfile.TemporaryDirectory() as folder:
        given = (args, f"{folder}/meeting", images, labels)
        if args.ranks == 1:
            train(0, *given)
        else:  # forked, so that PyTorch is loaded once
            mp.start_processes(train, given, args.ranks, start_method="fork")


if __name__ == "__main__":
    main()
