"""Power loss: the file operations of a run are recorded (faults/record.c), and states in which the
disk may be left are derived from them.

What was synchronized is on the disk. Of each file's later writes any may be missing, and any may be
torn at a multiple of a sector, 512 bytes. Changes of the names in a folder since it was
synchronized are on the disk up to some point: a rename may be lost, and with it all later ones of
that folder.

From each state the same command must complete the job with the bits of an undisturbed run. A trial
that had been reported as done must be done in the file, and one that had been saved must resume
from that checkpoint or a later one."""

import concurrent.futures
import io
import os
import random
import re
import shutil
import tempfile

import h5py

import common
import faults

SECTOR = 512


class File:
    """The synchronized contents, and the writes since then."""

    def __init__(self, content=b""):
        self.kept, self.later = bytearray(content), []

    def sync(self):
        self.kept, self.later = self.content(self.later), []

    def content(self, writes):
        content = bytearray(self.kept)
        for offset, data in writes:
            if data is None:  # cut, or made longer
                content = content[:offset] + bytes(max(0, offset - len(content)))
                continue
            content += bytes(max(0, offset - len(content)))
            content[offset:offset + len(data)] = data
        return content

    def some(self, chance):
        """A random part of the later writes, each complete or torn."""
        writes = []
        for offset, data in self.later:
            draw = chance.random()
            if draw < 0.2 and data and (offset + len(data) - 1) // SECTOR > offset // SECTOR:
                ends = range((offset // SECTOR + 1) * SECTOR, offset + len(data), SECTOR)
                writes.append((offset, data[:chance.choice(ends) - offset]))
            elif draw < 0.6:
                writes.append((offset, data))
        return self.content(writes)


class Folder:
    """The names in it: name -> File or Folder."""

    def __init__(self, names=()):
        self.kept, self.later = dict(names), []

    def sync(self):
        self.kept, self.later = self.names(len(self.later)), []

    def names(self, count):
        names = dict(self.kept)
        for name, thing in self.later[:count]:
            if thing is None:
                names.pop(name, None)
            else:
                names[name] = thing
        return names

    def find(self, name):
        return self.names(len(self.later)).get(name)


class Disk:
    """Replays a record; keeps what had been reported as done or saved."""

    def __init__(self, files):
        self.root = Folder({name: File(content) for name, content in files.items()})
        self.inodes = {}
        self.done = {}    # trial -> hash, as shown
        self.saved = {}   # trial -> epoch, step of its last checkpoint
        self.renamed = set()

    def folder(self, path):
        folder = self.root
        for name in filter(None, path.split("/")):
            folder = folder.find(name)
        return folder

    def place(self, path):
        folder, _, name = path.rpartition("/")
        return self.folder(folder), name

    def apply(self, operation, inode, offset, paths, data):
        folder, name = self.place(paths[0])
        if operation == "C":
            self.inodes[inode] = File()
            folder.later.append((name, self.inodes[inode]))
        elif operation in "WT" and inode in self.inodes:
            self.inodes[inode].later.append((offset, data if operation == "W" else None))
        elif operation == "S":
            self.sync(inode, paths[0])
        elif operation == "M":
            folder.later.append((name, Folder()))
        elif operation in "RL":
            to, new = self.place(paths[1])
            to.later.append((new, folder.find(name)))
            if operation == "R":
                folder.later.append((name, None))
                self.renamed.add(paths[1])
        elif operation == "U":
            folder.later.append((name, None))
        elif operation == "P":
            self.done.update(faults.done_trials(data.decode()))

    def sync(self, inode, path):
        folder = self.folder(path if path != "." else "")
        if not isinstance(folder, Folder):  # by name, since inodes are reused
            if inode in self.inodes:
                self.inodes[inode].sync()
            return
        folder.sync()
        for name in [name for name in self.renamed if os.path.dirname(name) == path]:
            self.renamed.remove(name)
            found = re.fullmatch(r".*/trial_(\d+)/last\.h5", name)
            if found:
                content = bytes(folder.find("last.h5").kept)
                with h5py.File(io.BytesIO(content), "r") as file:
                    own = file["lockstep"].attrs
                    self.saved[found[1]] = int(own["epoch"]), int(own["step"])

    def lose(self, way, chance):
        """The files that are left: path -> content, None for a folder."""
        left = {}

        def walk(folder, path):
            count = {"nothing": 0, "data": 0}.get(way, len(folder.later))
            if way == "some":
                count = chance.randint(0, count)
            for name, thing in folder.names(count).items():
                at = os.path.join(path, name)
                if isinstance(thing, Folder):
                    left[at] = None
                    walk(thing, at)
                elif way == "some":
                    left[at] = bytes(thing.some(chance))
                else:
                    later = thing.later if way in ("data", "all") else []
                    left[at] = bytes(thing.content(later))

        walk(self.root, "")
        return left


def entries(path):
    """The entries of a record: operation, inode, offset, paths, data."""
    with open(path, "rb") as file:
        for line in file:
            operation, inode, offset, size, *paths = line.decode().split()
            yield operation, int(inode), int(offset), paths, file.read(int(size))


class PowerTest(faults.FaultsTest):
    """`replay(most)` tries up to this number of states, evenly chosen."""

    def record(self, ranks):
        """The file operations of a run."""
        folder, path = self.make_folder(), self.path(f"record.{ranks}")
        given = faults.bad_input.contents(folder)
        launcher = ["mpirun", "-n", str(ranks), "-x", f"LD_PRELOAD={common.library('record')}"]
        status, output, errors = faults.start(
            folder, ranks, launcher, {"FAULTS_FOLDER": folder, "FAULTS_RECORD": path})
        self.assertEqual((status, errors), (0, []), output)
        return given, list(entries(path))

    @staticmethod
    def states(given, record, chance):
        """After each operation: what had been reported, and the files that may be left."""
        disk, seen = Disk(given), set()
        for number, entry in enumerate(record):
            disk.apply(*entry)
            for way in ("nothing", "data", "names", "all", "some", "some"):
                left = disk.lose(way, chance)
                key = hash(tuple(sorted(left.items(), key=lambda item: item[0])))
                key = key, len(disk.done), str(disk.saved)
                if key not in seen:
                    seen.add(key)
                    what = f"{way} kept behind {number}, {entry[0]} {' '.join(entry[3])}"
                    yield what, left, dict(disk.done), dict(disk.saved)

    def check_promises(self, folder, done, saved, output):
        states, hashes = {}, {}
        path = os.path.join(folder, faults.RESULTS + ".before")
        if os.path.exists(path):
            fields = common.read(path)
            hashes = faults.shown(fields["weights_hash"])
            states = dict(zip(hashes, common.states(fields)))
        for trial, value in done.items():
            if states.get(trial) != "done" or hashes[trial] != value:
                yield f"trial {trial} was shown as done, is {states.get(trial)}"
        for trial, moment in saved.items():
            found = re.search(rf"^trial={trial}/.* resumes after epoch=(\d+)/\S+ step=(\d+)/",
                              output, re.M)
            later = found and (int(found[1]), int(found[2])) >= moment
            if states.get(trial) != "done" and not later:
                yield f"trial {trial} was saved at {moment}, went on at {found and found[0]}"

    def try_state(self, state):
        what, left, done, saved = state
        folder = tempfile.mkdtemp(dir=self.folder)
        try:
            for path, content in left.items():
                at = os.path.join(folder, path)
                if content is None:
                    os.makedirs(at, exist_ok=True)
                    continue
                with open(at, "wb") as file:
                    file.write(content)
            results = os.path.join(folder, faults.RESULTS)
            if os.path.exists(results):
                shutil.copy(results, results + ".before")
            again = faults.start(folder)
            if again is None or again[0] != 0 or again[2]:
                return [f"{what}: {again}"]
            wrong = [*self.check_promises(folder, done, saved, again[1]),
                     *self.check_whole(folder)]
            return [f"{what}: {problem}, {again}" for problem in wrong]
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def replay(self, ranks, most):
        chance = random.Random(1)
        states = list(self.states(*self.record(ranks), chance))
        chosen = [states[i * len(states) // most] for i in range(most)] if len(
            states) > most else states
        with concurrent.futures.ThreadPoolExecutor(2 * os.cpu_count()) as pool:
            problems = [problem for found in pool.map(self.try_state, chosen) for problem in found]
        print(f"power lost with {ranks} ranks: {len(chosen)} states tried, of {len(states)} made; "
              f"{len(problems)} problems", flush=True)
        self.assertFalse(problems, "\n" + "\n".join(problems))
        self.assertTrue(chosen[-1][2], "no trial was ever shown as done")
        self.assertTrue(chosen[-1][3], "no checkpoint was ever written")
