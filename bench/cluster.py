"""Nodes with a network between them, for the benchmarks: namespaces of this machine
(tests/cluster/cluster, which needs root and Slurm), connected through a switch by cables (cable.c)
of 1 Gbit/s, with a total delay of 0.1 ms."""
import math
import os
import pathlib
import re
import subprocess
import sys
import typing

HERE = pathlib.Path(__file__).resolve().parent
CLUSTER = HERE.parent / "tests" / "cluster" / "cluster"
MEGABITS, DELAY = 1000, 50  # each way through a cable, in us; there are two between nodes
MTU = 9000  # jumbo frames: the kernel that plays the switch has a sixth of the work


class Bench(typing.NamedTuple):
    """A step in milliseconds."""

    step: float  # as measured
    predicted: float  # not a number where the model doesn't reach
    alone: float  # what its computing takes, without reduction
    messages: str  # what was measured of the network


class Cluster:
    """A number of nodes, for the duration of the `with` block."""

    def __init__(self, nodes, folder, *shared):
        self.nodes, self.folder, self.shared = nodes, folder, [folder, HERE, *shared]
        self.environment = {**os.environ, "CLUSTER": str(pathlib.Path(folder) / "cluster")}
        cable = pathlib.Path(folder) / "cable"
        subprocess.run(["cc", "-O2", "-pthread", HERE / "cable.c", "-o", cable, "-lm"], check=True)
        self.environment["CLUSTER_CABLE"] = f"{cable} {MEGABITS} {DELAY}"

    def __enter__(self):
        self.held = subprocess.Popen(
            [CLUSTER, "hold", str(self.nodes), *map(str, self.shared)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env=self.environment)
        if self.held.stdout.readline() != "ready\n":
            sys.exit("the cluster does not start")
        for number in range(self.nodes):
            self.call("on", f"n{number}", "ip", "link", "set", "eth0", "mtu", MTU)
            self.call("run", "ip", "link", "set", f"to-n{number}", "mtu", MTU)
        return self

    def __exit__(self, *_):
        self.held.communicate()

    def call(self, *arguments, check=True):
        return subprocess.run([CLUSTER, *map(str, arguments)], env=self.environment, text=True,
                              cwd=self.folder, capture_output=True, check=check)

    def on_all(self, *command):
        """The output of a command that runs on every node, with one rank each."""
        done = self.call("run", "srun", "--mpi=pmix", "-N", self.nodes, "-n", self.nodes, *command,
                         check=False)
        if done.returncode != 0:
            sys.exit(f"{command} on {self.nodes} nodes failed: {done.stdout}{done.stderr}")
        return done.stdout

    def bench(self, program, job, seconds, *options):
        """`lockstep bench`: a Bench."""
        said = self.on_all(program, "bench", job, "--seconds", seconds, *options)
        step = re.search(r"on a rank: ([\d.]+) ms", said)
        parts = re.search(
            r"predicted: ([\d.]+) ms \(compute ([\d.]+), reduction [\d.]+, update ([\d.]+)", said)
        predicted, compute, update = map(float, parts.groups()) if parts else [math.nan] * 3
        messages = re.search(r"messages between nodes +(.*)", said)
        return Bench(float(step[1]), predicted, compute + update,
                     messages[1] if messages else "-")
