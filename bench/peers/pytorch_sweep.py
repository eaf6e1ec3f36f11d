"""Trains all trials of a sweep over L2 factors with PyTorch, and prints the result of each.

The trials are in a JSON file that ../sweep.py writes; samples are train_x.npy and so on of the
folder. After each epoch a trial is validated on all test samples, as Lockstep does; unlike Lockstep
it writes nothing to the disk.

Ways to use the cores: `queue`, as many processes of one thread as cores, each of which takes the
next trial when it is done; `threads`, one process that trains one trial after the other with all
threads; `ddp`, one trial after the other by ranks of DistributedDataParallel over gloo."""
import argparse
import json
import math
import pathlib
import sys
import tempfile

sys.path[0] = str(pathlib.Path(__file__).resolve().parent.parent)

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn

import networks
from peers import pytorch

VALIDATED_AT_ONCE = 1000
data = {}  # what all trials have in common; processes inherit it


def learning_rate(schedule, step, steps):
    """Of a step: a number, or a cosine_decay over all steps."""
    if not isinstance(schedule, dict):
        return schedule
    first = schedule["cosine_decay"]["initial_learning_rate"]
    return first * (1 + math.cos(math.pi * step / steps)) / 2


def validate(model):
    """The accuracy on the test samples, and their loss."""
    model.eval()
    right = loss = 0
    with torch.no_grad():
        for x, y in zip(data["test"][0].split(VALIDATED_AT_ONCE),
                        data["test"][1].split(VALIDATED_AT_ONCE)):
            outputs = model(x)
            right += int((outputs.argmax(1) == y).sum())
            loss += float(nn.functional.cross_entropy(outputs, y, reduction="sum"))
    model.train()
    return right / len(data["test"][1]), loss / len(data["test"][1])


def train(trial, rank=0, ranks=1):
    """The trial with its final loss and accuracy on the test samples."""
    sweep = data["sweep"]
    images, labels = data["train"]
    batch, schedule = sweep["batch"], sweep["optimizer"]["sgd"]["learning_rate"]
    torch.manual_seed(trial["replicate"])
    built = pytorch.Builder(trial["layers"])
    plain = nn.Sequential(*built.modules)
    model = pytorch.distributed(plain, ranks)
    optimizer = pytorch.make_optimizer(plain, built.penalties, {
        "sgd": {**sweep["optimizer"]["sgd"], "learning_rate": 0}})
    criterion = nn.CrossEntropyLoss()
    per_epoch = math.ceil(len(images) / batch)
    number = 0
    for epoch in range(sweep["epochs"]):
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(
            trial["replicate"] * sweep["epochs"] + epoch))
        total = torch.zeros(())
        for first in range(0, len(images), batch):
            rate = learning_rate(schedule, number, per_epoch * sweep["epochs"])
            for group in optimizer.param_groups:
                group["lr"] = rate
            size = min(batch, len(images) - first)
            chosen = pytorch.share(order, first, size, rank, ranks)
            total += pytorch.step(model, criterion, optimizer, images[chosen],
                                  labels[chosen]).detach()
            number += 1
        accuracy, _ = validate(plain) if rank == 0 else (None, None)
    return {"l2": trial["l2"], "replicate": trial["replicate"], "accuracy": accuracy,
            "loss": float(total) / per_epoch}


def say(result):
    print(json.dumps(result), flush=True)


def one_thread():
    torch.set_num_threads(1)


def train_as_rank(rank, ranks, meeting):
    pytorch.begin(rank, ranks, 1, meeting)
    for trial in data["sweep"]["trials"]:
        result = train(trial, rank, ranks)
        if rank == 0:
            say(result)
    dist.destroy_process_group()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", help="file of JSON")
    parser.add_argument("how", choices=("queue", "threads", "ddp"))
    parser.add_argument("cores", type=int)
    parser.add_argument("--data", required=True)
    args = parser.parse_args()
    sweep = json.loads(pathlib.Path(args.sweep).read_text())
    data.update(sweep=sweep, train=pytorch.load(args.data, "train", sweep["train"]),
                test=pytorch.load(args.data, "test", sweep["test"]))
    if args.how == "queue":
        with mp.get_context("fork").Pool(args.cores, one_thread) as pool:
            for result in pool.imap_unordered(train, sweep["trials"]):
                say(result)
    elif args.how == "threads":
        torch.set_num_threads(args.cores)
        for trial in sweep["trials"]:
            say(train(trial))
    else:
        with tempfile.TemporaryDirectory() as folder:
            mp.start_processes(train_as_rank, (args.cores, f"{folder}/meeting"), args.cores,
                               start_method="fork")


if __name__ == "__main__":
    main()
