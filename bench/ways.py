"""Ways to train that are compared: their names, and how they are run and measured.

Ways belong to a group, within which they are compared with Lockstep's: `one core`, `all cores`, and
`side by side`, where as many trainings as there are cores run at the same time, independently."""
import argparse
import dataclasses
import inspect
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import networks

PEERS = pathlib.Path(__file__).resolve().parent / "peers"
# OpenBLAS's kernels for the instruction sets of Lockstep's products.
KERNELS = {"x86-64-v4": "SkylakeX", "x86-64-v3": "Haswell"}
MOST_SECONDS = 3600  # of a run, which is ended then
ENVIRONMENT = {**{key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"},
               "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


@dataclasses.dataclass
class Way:
    peer: str  # the program with its version
    how: str  # processes or threads
    group: str
    variant: str  # what is set by hand
    command: list  # where {folder} stands for one of its own
    environment: dict = dataclasses.field(default_factory=dict)
    copies: int = 1  # at the same time

    @property
    def name(self):
        return ", ".join(part for part in (self.peer, self.how, self.variant) if part)


class Failed(Exception):
    """A way cannot be measured; the text says why."""


# ---- Running ------------------------------------------------------------------------------------


@dataclasses.dataclass
class Run:
    outputs: list  # of each copy
    seconds: float  # from the start of the command to its end
    megabytes: float  # the most memory that one of its processes had


def stop_cleanly():
    """Lets SIGTERM end this script, with all that it started, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def _end(process):
    """Ends a process and all its children."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(way):
    """Runs all copies of a way at the same time."""
    with tempfile.TemporaryDirectory() as folder:
        files, running = [], []
        start = time.perf_counter()
        try:
            for number in range(way.copies):
                own = pathlib.Path(folder) / str(number)
                own.mkdir()
                files.append(own / "output")
                with open(files[-1], "wb") as output:
                    running.append(subprocess.Popen(
                        [str(word).replace("{folder}", str(own)) for word in way.command],
                        env={**ENVIRONMENT, **way.environment}, stdout=output,
                        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                        start_new_session=True))
            return _wait(way, running, files, start)
        finally:
            for process in running:
                _end(process)


def _wait(way, running, files, start):
    timer = threading.Timer(MOST_SECONDS, lambda: [_end(process) for process in running])
    timer.start()
    megabytes = 0
    try:
        for process in running:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            megabytes = max(megabytes, used.ru_maxrss / 1024)
        seconds = time.perf_counter() - start
    finally:
        timer.cancel()
    outputs = [file.read_text(errors="replace") for file in files]
    for process, output in zip(running, outputs):
        if process.returncode != 0:
            last = (output.strip().splitlines() or ["no output"])[-1]
            raise Failed(f"exit status {process.returncode}: {last}")
    return Run(outputs, seconds, megabytes)


def read(output, key):
    """The value of the last KEY=VALUE of an output."""
    found = re.findall(rf"(?:^|\s){key}=(\S+)", output)
    if not found:
        raise Failed(f"printed no {key}: {output[-200:]}")
    return found[-1]


# ---- Programs -----------------------------------------------------------------------------------


class Python:
    """A Python environment and its packages; `kernels` are those of OpenBLAS for the processor, ""
    if not known."""

    def __init__(self, name, path, kernels):
        self.name, self.path = name, path
        try:
            found = subprocess.run([path, PEERS / "versions.py"], check=True, text=True,
                                   env=ENVIRONMENT, stdout=subprocess.PIPE).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            sys.exit(f"--python {name}={path}: {error}")
        self.versions = json.loads(found)
        # OpenBLAS falls back to slow kernels on processors newer than itself.
        chosen = self.versions["kernels"]
        self.tunings = [("", {})]
        if chosen and kernels and chosen != kernels:
            self.tunings.append(("tuned", {"OPENBLAS_CORETYPE": kernels}))

    @property
    def pytorch(self):
        return f"PyTorch {self.versions['torch']} ({self.name})" if self.versions["torch"] else ""

    @property
    def compiles(self):
        """Whether this PyTorch has torch.compile."""
        return self.versions["torch"] and int(self.versions["torch"].split(".")[0]) >= 2

    @property
    def jax(self):
        return f"JAX {self.versions['jax']} ({self.name})" if self.versions["jax"] else ""

    @property
    def backend(self):
        """Keras's backend."""
        there = [b for b in ("tensorflow", "jax", "torch") if self.versions[b]]
        return there[0] if self.versions["keras"] and there else ""

    @property
    def keras(self):
        if not self.backend:
            return ""
        return (f"Keras {self.versions['keras']} on {self.backend} {self.versions[self.backend]} "
                f"({self.name})")

    def command(self, script, *arguments):
        return [self.path, PEERS / script, *arguments]


def name_and_path(text):
    """The argument of --python, for argparse."""
    name, path = text.split("=", 1)
    return name, path


def program(text):
    """The path of a program, for argparse."""
    path = shutil.which(text)
    if not path:
        raise argparse.ArgumentTypeError(
            f"{text}: no program (expected the lockstep that was built)")
    return pathlib.Path(path).resolve()


def start(main, usage):
    """Calls `main`, whose first parameter is Lockstep's path, with the command's arguments."""
    given = sys.argv[1:]
    if {"-h", "--help"} & {*given}:
        print(usage)
        sys.exit()
    try:
        inspect.signature(main).bind(*given)
    except TypeError:
        sys.exit(usage)
    try:
        given[0] = program(given[0])
    except argparse.ArgumentTypeError as error:
        sys.exit(str(error))
    main(*given)


def ask(command, environment):
    """Lockstep's output; if it fails, the script exits with its status."""
    done = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE, env=environment)
    if done.returncode != 0:
        sys.exit(done.returncode)
    return done.stdout


def launch(ranks):
    return ["mpirun", "-n", ranks] if ranks > 1 else []


def find(program, given, data, folder):
    """The Pythons to compare with, Debian's and those given; and the instruction set that
    Lockstep's products use."""
    job = networks.write_job(folder, "A1", f"file: {data}, subset: {{train: 100}}", 50, epochs=1)
    said = run(Way("Lockstep", "", "", "", [program, "run", job, "-o", "{folder}/results.h5",
                                            "--progress", "lines"])).outputs[0]
    instructions = re.search(r"; (.+), one thread", said)[1]
    pythons = [("debian", "/usr/bin/python3"), *given]
    return [Python(*python, KERNELS.get(instructions, "")) for python in pythons], instructions


def make_digits(program, folder, train, test):
    """The path of a dataset of generated digits."""
    path = pathlib.Path(folder) / "digits.h5"
    subprocess.run([program, "data", "digits", "--train", str(train), "--test", str(test), "-o",
                    path], check=True, stdout=subprocess.DEVNULL)
    return path


DIGITS = ["--set", "dataset.name=digits"]


def with_digits(program, folder):
    """Writes generated digits into the folder, as many as MNIST has; returns the environment in
    which a job set to DIGITS finds them."""
    make_digits(program, folder, train=60000, test=10000)
    return {**ENVIRONMENT, "LOCKSTEP_DATA": str(folder)}


def make_dataset(program, folder, train, test):
    """The same, also as arrays for the peers."""
    import h5py
    import numpy as np

    path = make_digits(program, folder, train, test)
    with h5py.File(path) as file:
        for part in ("train", "test"):
            for array in ("x", "y"):
                np.save(path.parent / f"{part}_{array}.npy", file[part][array][:])
    return path


def cores():
    """Those that this process may use; threads of one core count once."""
    usable = len(os.sched_getaffinity(0))
    said = subprocess.run(["lscpu", "--parse=Core,Socket"], text=True, check=True,
                          stdout=subprocess.PIPE).stdout
    there = len({line for line in said.splitlines() if not line.startswith("#")})
    return min(usable, there) if there else usable


def machine():
    """The machine of the runs, as a line."""
    said = subprocess.run(["lscpu"], text=True, check=True, stdout=subprocess.PIPE).stdout
    model = re.search(r"^Model name: *(.*)", said, re.M)
    load = os.getloadavg()[0]
    return (f"{model[1] if model else 'processor'}, {cores()} cores; load {load:.2f} before it "
            "began")
