#!/usr/bin/python3
"""Trains a network on random images with PyTorch for some seconds and prints images per second.

An MLP (--sizes), or one of the convolutional networks below (--network). One process with one
thread, or (--ranks 2) DistributedDataParallel over gloo, one thread per rank. The same arithmetic
as a job of Lockstep: SGD, with or without momentum; an L2 penalty on the hidden kernels of an MLP
and on the first kernel of b7; softmax cross-entropy; all images in memory as float32, batches
gathered in a shuffled order.
"""
import argparse
import os
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn


class GaussianNoise(nn.Module):
    def forward(self, x):
        return x + 0.1 * torch.randn_like(x) if self.training else x


NETWORKS = {
    "a3": lambda: [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
                   nn.Dropout(0.5), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5),
                   nn.Linear(128, 10)],
    "b7": lambda: [GaussianNoise(), nn.Conv2d(1, 45, 5), nn.ReLU(), nn.MaxPool2d(2),
                   nn.Conv2d(45, 60, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                   nn.Linear(960, 10)],
    "c3": lambda: [nn.Conv2d(1, 32, 5, padding=2), nn.Sigmoid(), nn.MaxPool2d(2),
                   nn.Conv2d(32, 64, 5, padding=2), nn.Sigmoid(), nn.MaxPool2d(2), nn.Flatten(),
                   nn.Linear(3136, 100), nn.Sigmoid(), nn.Linear(100, 10)],
}


def build(args):
    if args.network:
        return nn.Sequential(*NETWORKS[args.network]())
    layers = [nn.Flatten()]
    for inputs, outputs in zip(args.sizes[:-2], args.sizes[1:-1]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(args.sizes[-2], args.sizes[-1]))


def penalised(model, args):
    """The kernels with an L2 penalty."""
    if args.network:
        return [p for p in model.parameters() if p.dim() == 4][:1] if args.network == "b7" else []
    return [p for p in model.parameters() if p.dim() == 2][:-1]


def optimizer_of(model, args):
    kernels = penalised(model, args)
    others = [p for p in model.parameters() if all(p is not k for k in kernels)]
    groups = [{"params": kernels, "weight_decay": 2 * args.l2}, {"params": others}]
    return torch.optim.SGD(groups[0 if kernels else 1:], lr=0.1, momentum=args.momentum)


def train(rank, args):
    torch.set_num_threads(1)
    torch.manual_seed(rank)
    layout = torch.channels_last if args.channels_last else torch.contiguous_format
    model = build(args).to(memory_format=layout)
    if args.ranks > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(args.port))
        dist.init_process_group("gloo", rank=rank, world_size=args.ranks)
        model = nn.parallel.DistributedDataParallel(model)
    optimizer = optimizer_of(model, args)
    criterion = nn.CrossEntropyLoss()
    local = args.batch // args.ranks
    images, labels = torch.rand(args.samples, 1, 28, 28), torch.randint(0, 10, (args.samples,))
    order = torch.randperm(args.samples)
    rates = []
    for _ in range(args.repeats + 1):
        start = time.perf_counter()
        for step in range(args.steps):
            first = step * local % (args.samples - local)
            chosen = order[first : first + local]
            optimizer.zero_grad()
            batch = images[chosen].contiguous(memory_format=layout)
            criterion(model(batch), labels[chosen]).backward()
            optimizer.step()
        rates.append(args.steps * args.batch / (time.perf_counter() - start))
    if rank == 0:
        print(f"{sorted(rates[1:])[args.repeats // 2]:.0f}")
    if args.ranks > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[784, 500, 300, 10])
    parser.add_argument("--network", choices=NETWORKS)
    parser.add_argument("--channels-last", action="store_true", help="images as Lockstep has them")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--l2", type=float, default=1e-4)
    parser.add_argument("--samples", type=int, default=60000)
    parser.add_argument("--steps", type=int, default=469)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--port", type=int, default=29511)
    arguments = parser.parse_args()
    if arguments.ranks == 1:
        train(0, arguments)
    else:
        mp.spawn(train, (arguments,), arguments.ranks)
