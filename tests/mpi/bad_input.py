"""Tables of invalid input. Each case is an error that a user might make, with the one message that
is expected: from the program alone and on three ranks, within a time limit, without files lost or
left over.

A test file makes cases by `case(...)` and passes them to `table(name, cases)`, which returns a
unittest class with a test per case. All run side by side, as many at a time as there are cores. `-k
WORD` selects cases."""

import atexit
import concurrent.futures
import functools
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest
from typing import Any, NamedTuple

import common

SECONDS = 60  # until a run counts as hanging
REMARK = "-" * 60  # mpirun prints its messages between such lines
TEMPORARY = re.compile(r"\.(new|lock|tmp)$")


class Case(NamedTuple):
    """The command, its environment, and what is expected."""
    name: str
    arguments: tuple
    says: Any           # the messages: a text, a pattern, or a list of these; None: nothing
    status: Any = 2     # or several that are right
    files: dict = {}    # name -> bytes, text, or a function that makes it at a path
    prepare: Any = None   # called with the folder
    prints: Any = r""   # pattern of standard output as a whole; None: anything
    leaves: str = r""   # pattern of names of files that may be new
    changes: tuple = ()   # names of files that may change
    environment: dict = {}
    shell: str = "exec %s"  # %s stands for the program with its arguments, as the shell sees them
    ranks: tuple = (None, 3)
    others: bool = False  # MPI and the system may print, too
    then: Any = None    # called with the folder after a run; returns a problem or None


def case(name, arguments, says, **options):
    return Case(name, tuple(arguments.split() if isinstance(arguments, str) else arguments), says,
                **options)


# ---- One run -------------------------------------------------------------------------------------


def make_files(case, folder):
    os.symlink(digits(), os.path.join(folder, "digits.h5"))
    for name, content in case.files.items():
        path = os.path.join(folder, name)
        if callable(content):
            content(path)
        else:
            with open(path, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
    if case.prepare:
        case.prepare(folder)


def contents(folder):
    """The bytes of every file in the folder, by name."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(place, name)
            key = os.path.relpath(path, folder)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    found[key] = file.read()
            else:
                found[key] = None
    return found


def ended(process, seconds):
    """Waits for the process; returns its status, output and errors (bytes or texts, as it was
    started). If it hangs: kills it with all its children and returns None."""
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None
    return process.returncode, output, errors


def launch(case, ranks, folder):
    """Runs the case; returns status, output and errors, or None if it hangs."""
    launcher = "" if ranks is None else f"mpirun -n {ranks} "
    words = " ".join(["'%s'" % word.replace("'", "'\\''") for word in case.arguments])
    environment = {**os.environ, **common.ENVIRONMENT, **case.environment}
    environment = {name: value() if callable(value) else value
                   for name, value in environment.items() if value is not None}
    process = subprocess.Popen(
        ["sh", "-c", case.shell.replace("%s", f"{launcher}{common.LOCKSTEP} {words}")],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True)
    done = ended(process, SECONDS)
    return done and (done[0], done[1].decode(), done[2].decode())


def without_remarks(errors):
    """Standard error without the lines that mpirun adds to a failure."""
    lines, within = [], False
    for line in errors.splitlines():
        if line.startswith(REMARK):
            within = not within
        elif not within and line:
            lines.append(line)
    return lines


def matches(expected, line):
    if isinstance(expected, re.Pattern):
        return expected.fullmatch(line)
    return expected == line


def check_messages(case, errors):
    """Each expected message appears once, and no other."""
    lines = without_remarks(errors)
    says = [line[len("lockstep: "):] for line in lines if line.startswith("lockstep: ")]
    expected = case.says if isinstance(case.says, list) else [case.says] if case.says else []
    right = len(says) == len(expected) and all(map(matches, expected, says))
    if not right or (len(lines) > len(says) and not case.others):
        yield f"said {lines}, expected {expected}"


def results_of(name):
    """The results file that a status file is left beside; other names are unchanged."""
    return re.sub(r"\.status$", ".h5", name)


def check_files(case, before, after):
    for name in after:
        if TEMPORARY.search(name) and name not in before:
            yield f"{name} is left over"
        elif name not in before and not re.fullmatch(case.leaves, results_of(name)):
            yield f"{name} is new"
    for name, content in before.items():
        if name not in after:
            if not TEMPORARY.search(name):
                yield f"{name} is gone"
        elif content != after[name] and name not in case.changes:
            yield f"{name} is changed"


def attempt(case, ranks):
    """Runs the case in a folder of its own; returns a list of problems."""
    folder = tempfile.mkdtemp(prefix="lockstep-bad-")
    try:
        make_files(case, folder)
        before = contents(folder)
        ended = launch(case, ranks, folder)
        if ended is None:
            return [f"does not end within {SECONDS} s"]
        status, output, errors = ended
        problems = list(check_messages(case, errors))
        right = case.status if isinstance(case.status, tuple) else (case.status,)
        if status not in right:
            problems.append(f"exit status {status}, expected {right}, {errors}")
        if case.prints is not None and not re.fullmatch(case.prints, output, re.DOTALL):
            problems.append(f"printed {output!r}, expected {case.prints!r}")
        problems += check_files(case, before, contents(folder))
        wrong = case.then(folder) if case.then else None
        return problems + ([wrong] if wrong else [])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def examine(case):
    return [f"on {ranks or 'no'} ranks of mpirun: {problem}" for ranks in case.ranks
            for problem in attempt(case, ranks)]


# ---- Tables as unittest sees them ----------------------------------------------------------------


class SideBySide(unittest.TestSuite):
    """Starts all of its tests at once."""

    def run(self, result, debug=False):
        with concurrent.futures.ThreadPoolExecutor(2 * os.cpu_count()) as pool:
            for test in self:
                if getattr(test, "__unittest_skip__", False):
                    continue
                test.outcome = pool.submit(examine, test.case)
            return super().run(result, debug)


class Table(unittest.TestCase):
    def check(self):
        outcome = getattr(self, "outcome", None)
        problems = outcome.result() if outcome else examine(self.case)
        self.assertFalse(problems, "\n" + "\n".join(problems))

    @property
    def case(self):
        return self.cases[self._testMethodName]


def table(name, cases):
    methods = {f"test_{case.name}": case for case in cases}
    assert len(methods) == len(cases), "two cases of one name"
    # A separate function for each: unittest identifies tests by them.
    return type(name, (Table,), {"cases": methods,
                                 **{method: lambda self: self.check() for method in methods}})


def load_tests(_loader, tests, _pattern):
    """For import by test files; unittest calls it."""
    def flat(suite):
        for test in suite:
            yield from flat(test) if isinstance(test, unittest.TestSuite) else [test]
    return SideBySide(test for test in flat(tests) if isinstance(test, Table))


# ---- What the tables have in common --------------------------------------------------------------


def once(make):
    """Returns a function whose value `make()` computes at the first call, from any thread."""
    lock = threading.Lock()
    made = []

    @functools.wraps(make)
    def get():
        with lock:
            if not made:
                made.append(make())
            return made[0]
    return get


@once
def digits():
    """A dataset of 600 and 120 images, made once."""
    folder = tempfile.mkdtemp(prefix="lockstep-few-")
    atexit.register(shutil.rmtree, folder)
    path = os.path.join(folder, "digits.h5")
    subprocess.run([common.LOCKSTEP, "data", "digits", "--train", "600", "--test", "120", "-o",
                    path], check=True, stdout=subprocess.DEVNULL)
    return path


JOB = """name: small
dataset: {file: digits.h5}
model:
  - flatten
  - dense: {units: 10, activation: softmax}
train:
  epochs: 2
  batch_size: 60
  optimizer: {sgd: {learning_rate: 0.1}}
  loss: categorical_crossentropy
  metrics: [accuracy]
"""


def job(*changes):
    """The small job with texts replaced: (old, new), ..."""
    text = JOB
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def regex(text):
    """A message given as a regular expression."""
    return re.compile(text)
