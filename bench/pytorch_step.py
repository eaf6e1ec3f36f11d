#!/usr/bin/python3
"""Trains an MLP on random images with PyTorch for some seconds and prints images per second.

One process with one thread, or (--ranks 2) DistributedDataParallel over gloo, one thread per rank.
The same arithmetic as a job of Lockstep: SGD with momentum, an L2 penalty on the hidden kernels,
softmax cross-entropy; all images in memory as float32, batches gathered in a shuffled order.
"""
import argparse
import os
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp


def build(sizes):
    layers = []
    for inputs, outputs in zip(sizes[:-2], sizes[1:-1]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-2], sizes[-1]))


def optimizer_of(model, args):
    kernels = [p for p in model.parameters() if p.dim() == 2][:-1]
    others = [p for p in model.parameters() if all(p is not k for k in kernels)]
    groups = [{"params": kernels, "weight_decay": 2 * args.l2}, {"params": others}]
    return torch.optim.SGD(groups, lr=0.1, momentum=args.momentum)


def train(rank, args):
    torch.set_num_threads(1)
    torch.manual_seed(rank)
    model = build(args.sizes)
    if args.ranks > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(args.port))
        dist.init_process_group("gloo", rank=rank, world_size=args.ranks)
        model = torch.nn.parallel.DistributedDataParallel(model)
    optimizer = optimizer_of(model, args)
    criterion = torch.nn.CrossEntropyLoss()
    local = args.batch // args.ranks
    images, labels = torch.rand(args.samples, args.sizes[0]), torch.randint(0, 10, (args.samples,))
    order = torch.randperm(args.samples)
    rates = []
    for _ in range(args.repeats + 1):
        start = time.perf_counter()
        for step in range(args.steps):
            first = step * local % (args.samples - local)
            chosen = order[first : first + local]
            optimizer.zero_grad()
            criterion(model(images[chosen]), labels[chosen]).backward()
            optimizer.step()
        rates.append(args.steps * args.batch / (time.perf_counter() - start))
    if rank == 0:
        print(f"{sorted(rates[1:])[args.repeats // 2]:.0f}")
    if args.ranks > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[784, 500, 300, 10])
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
