"""Samples on a node: one copy for all groups of ranks, whatever the layout of the file."""

import os
import re
import subprocess
import time

import h5py
import numpy as np

import common
from common import dense, make_job

SAMPLES, WIDTH = 16384, 1024
BYTES = SAMPLES * WIDTH * 4  # 64 MiB


def write_dataset(path, **layout):
    """Random inputs, of which some are zeros, so that compressing them is fast."""
    x = np.zeros((SAMPLES, WIDTH), "f4")
    x[:, :64] = np.random.default_rng(1).random((SAMPLES, 64))
    with h5py.File(path, "w") as file:
        for part, count in ("train", SAMPLES), ("test", 64):
            file.create_dataset(f"{part}/x", data=x[:count], **layout)
            file.create_dataset(f"{part}/y", data=np.arange(count, dtype="i4") % 10)


def ranks_of(launcher):
    """The processes that mpirun has started."""
    with open(f"/proc/{launcher.pid}/task/{launcher.pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def kilobytes(process, field, wanted=lambda name: True):
    """Sums a field of a process's mappings, of those files that are wanted."""
    total, counts = 0, False
    with open(f"/proc/{process}/smaps", encoding="utf-8") as file:
        for line in file:
            mapping = re.match(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+ *(.*)", line)
            if mapping:
                counts = wanted(mapping[1])
            elif counts and line.startswith(field + ":"):
                total += int(line.split()[1])
    return total


class NodeDataTest(common.ProgramTest):
    def is_data(self, name):
        """Whether a mapping is of the dataset, or of the copy in scratch."""
        return name.startswith(self.path("data.h5")) or name.startswith(self.path("scratch"))

    def start_groups(self, groups):
        """Trains in groups of one rank until the test ends."""
        os.makedirs(self.path("scratch"), exist_ok=True)
        job = make_job({"replicates": groups, "ranks_per_trial": 1}, dataset={"file": "data.h5"},
                       model=[dense(10, activation="softmax")],
                       train={"epochs": 100000, "batch_size": 1024})
        os.environ["LOCKSTEP_SCRATCH"] = self.path("scratch")
        self.addCleanup(os.environ.pop, "LOCKSTEP_SCRATCH")
        return self.start("run", self.write_job(job), "-o", "r.h5", "--progress", "none",
                          ranks=groups)

    def measure(self, **layout):
        """The memory of four groups that have read all samples: that of data (the part of each
        page that is a process's own), and that of the process alone."""
        write_dataset(self.path("data.h5"), **layout)
        run = self.start_groups(4)

        def have_read():
            ranks = ranks_of(run)
            read = [kilobytes(rank, "Rss", self.is_data) for rank in ranks]
            return len(read) == 4 and min(read) * 1024 > 0.98 * BYTES and ranks

        ranks = self.wait_until(have_read, seconds=60)
        data = sum(kilobytes(rank, "Pss", self.is_data) for rank in ranks) * 1024
        private = max(kilobytes(rank, "Private_Dirty", lambda name: not self.is_data(name))
                      for rank in ranks) * 1024
        run.terminate()
        run.wait()
        return data, private

    def test_mapped(self):
        """Contiguous inputs are mapped from the file, once for all groups."""
        data, private = self.measure()
        self.assertLess(data, 1.1 * BYTES)
        self.assertLess(private, 0.6 * BYTES)

    def test_compressed(self):
        """Compressed ones are decompressed once for the node; nothing is left in its folder."""
        data, private = self.measure(chunks=(64, WIDTH), compression="gzip", compression_opts=1)
        self.assertLess(data, 1.1 * BYTES)
        self.assertLess(private, 0.6 * BYTES)
        self.assertEqual(os.listdir(self.path("scratch")), [])

    def test_bits(self):
        """Layouts and ranks make no difference to the weights."""
        hashes = set()
        job = make_job(dataset={"file": "data.h5", "subset": {"train": 3000}},
                       model=[dense(10, activation="softmax")])
        for layout in {}, {"chunks": (64, WIDTH)}, {"dtype": "f8"}:
            write_dataset(self.path("data.h5"), **layout)
            hashes.update(self.run_job(job, ranks=ranks)["weights_hash"].item()
                          for ranks in (1, 3))
        self.assertEqual(len(hashes), 1)

    def test_buffer(self):
        """With a buffer the order depends on the seed and the epoch alone; one for all samples is
        none."""
        def weights(ranks=1, train=None, **dataset):
            return self.run_job(make_job(dataset=dataset, train=train), ranks=ranks)[
                "weights_hash"].item()

        whole = weights()
        self.assertEqual(weights(shuffle_buffer_size=3000), whole)
        windows = weights(shuffle_buffer_size=500)
        self.assertNotEqual(windows, whole)
        self.assertEqual(weights(ranks=3, shuffle_buffer_size=500), windows)
        self.assertEqual(weights(ranks=2, shuffle_buffer_size=500,
                                 train={"reduction": "exchange"}), windows)

    def test_buffer_on_nodes(self):
        """The same order where the samples of a trial are on two nodes: mpirun starts them by a
        command that gives each a name, a /dev/shm and a folder for temporary files."""
        with open(self.path("start"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n"
                       "export NODE=$1 COMMAND=\"${*#$1}\" TMPDIR=$(mktemp -d -p " + self.folder + ")\n"
                       "exec unshare --map-root-user --uts --mount sh -c "
                       "'hostname $NODE; mount -t tmpfs shm /dev/shm; exec sh -c \"$COMMAND\"'\n")
        os.chmod(self.path("start"), 0o755)
        job = make_job(dataset={"shuffle_buffer_size": 500}, train={"epochs": 2})
        one = self.run_job(job, ranks=None)
        self.write_job({**job, "sweep": {"ranks_per_trial": 4}})
        done = subprocess.run(
            ["mpirun", "--mca", "plm", "rsh", "--mca", "plm_rsh_agent", self.path("start"),
             "--mca", "osc", "^ucx",  # ends in a segmentation fault in these namespaces
             "--host", "n1:2,n2:2", "-n", "4", common.LOCKSTEP, "run", "job.yaml", "-o", "two.h5"],
            capture_output=True, timeout=120, **self.options())
        self.assertEqual(done.returncode, 0, done.stderr)
        with h5py.File(self.path("two.h5")) as file:
            self.assertEqual(file["provenance"].attrs["hosts"], "n1 n2")
            self.assertEqual(file["weights_hash"][()], one["weights_hash"].item())

    def test_digests(self):
        """A second run takes the dataset's digests from the first one, unless the file has changed;
        then they differ, and the results are refused."""
        path = self.path("data.h5")
        os.environ["LOCKSTEP_DATA"] = self.path("cache")
        self.addCleanup(os.environ.pop, "LOCKSTEP_DATA")
        write_dataset(path)
        job = make_job(dataset={"file": "data.h5"}, model=[dense(10, activation="softmax")],
                       train={"epochs": 1})
        self.wait_until(lambda: time.time() - os.stat(path).st_ctime > 3.1)
        one = self.run_job(job, ranks=2)
        kept = os.listdir(self.path("cache/digests"))
        self.assertEqual(len(kept), 1)
        place = self.path(os.path.join("cache/digests", kept[0]))
        written = os.stat(place).st_mtime_ns
        self.assertEqual(common.differing(one, self.run_job(job)), [])
        self.assertEqual(os.stat(place).st_mtime_ns, written)
        with h5py.File(self.path("1.h5")) as first, h5py.File(self.path("2.h5")) as second:
            self.assertEqual(list(first.attrs["digests"]), list(second.attrs["digests"]))
        with h5py.File(path, "r+") as file:
            file["train/x"][7, 7] = 0.25
        done = self.lockstep("run", "job.yaml", "-o", "2.h5", status=2)
        self.assertIn("/train/x differs", done.stderr)

    def test_scratch(self):
        """A folder that cannot hold the copy is named, once, and nothing is trained."""
        write_dataset(self.path("data.h5"))
        job = make_job(dataset={"file": "data.h5"}, model=[dense(10, activation="softmax")])
        os.environ["LOCKSTEP_SCRATCH"] = self.path("missing")
        self.addCleanup(os.environ.pop, "LOCKSTEP_SCRATCH")
        done = self.lockstep("run", self.write_job(job), "-o", "r.h5", ranks=2, status=1)
        lines = self.complaints(done)
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertRegex(lines[0], r"missing: cannot make a file of 0\.1 MiB: No such file or "
                         r"directory \(expected a folder with room, which LOCKSTEP_SCRATCH may "
                         r"name\)")


if __name__ == "__main__":
    common.main()
