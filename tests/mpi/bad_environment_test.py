"""Environments in which the program cannot work: full disks, outputs in use, limits, closed
streams, locales. No existing file is lost, and every failure is reported."""

import glob
import os
import shutil
import subprocess
import tempfile
import unittest

import bad_input
import common
from bad_input import JOB, case, job, load_tests, once, regex  # pylint: disable=unused-import

RUN = "run job.yaml --progress none"
DONE = r"results(/.*)?"
FAILED = "results/small.h5: of 1 trials 0 diverged and 1 failed"
# Weights of half a megabyte, and three times that in a checkpoint.
LARGE = job(("- flatten\n", "- flatten\n  - dense: {units: 160}\n"), ("sgd:", "adam:"),
            ("epochs: 2", "epochs: 4"))


def run(name, says, arguments=RUN, text=JOB, **options):
    return case(name, arguments, says, files={"job.yaml": text, **options.pop("files", {})},
                **options)


def unfinished(folder):
    for path in glob.glob(os.path.join(folder, "results", "*.h5")):
        states = common.states(common.read(path))
        return None if states == ["done"] else f"results say {states}"
    return "there are no results"


def without_time(folder):
    """A check that the run is done and recorded its times."""
    for path in glob.glob(os.path.join(folder, "results", "*.h5")):
        fields = common.read(path)
        if not (fields["trial_seconds"] > 0).all() or not (fields["epoch_seconds"] > 0).all():
            return "seconds are not above 0"
    return unfinished(folder)


def fine(name, **options):
    """A case that is no error: done, without a message."""
    return run(name, None, **{"status": 0, "leaves": DONE, "then": unfinished, **options})


@once
def other_results():
    """The results file of another job."""
    folder = tempfile.mkdtemp(prefix="lockstep-other-")
    os.symlink(bad_input.digits(), os.path.join(folder, "digits.h5"))
    with open(os.path.join(folder, "job.yaml"), "w", encoding="utf-8") as file:
        file.write(job(("epochs: 2", "epochs: 3")))
    subprocess.run([common.LOCKSTEP, *RUN.split()], cwd=folder, check=True)
    with open(os.path.join(folder, "results/small.h5"), "rb") as file:
        content = file.read()
    shutil.rmtree(folder)
    return content


def write(content):
    """A file whose contents are computed when it is written."""
    def make(path):
        with open(path, "wb") as file:
            file.write(content() if callable(content) else content)
    return make


def lock_of(pid):
    """A lock file as this process on this host would write it."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        start = file.read().rsplit(")", 1)[1].split()[19]
    return f"host {os.uname().nodename} process {pid} start {start} since 2026-01-01T00:00:00Z\n"


OUTPUTS = [
    run("output_is_a_folder",
        "here: is no file (expected the name of a results file)", RUN + " -o here",
        files={"here": os.mkdir}),
    run("output_is_a_device",
        "/dev/null: is no file (expected the name of a results file)", RUN + " -o /dev/null"),
    run("output_is_a_text",
        "notes.txt: cannot open as HDF5: file signature not found", RUN + " -o notes.txt",
        files={"notes.txt": "notes\n" * 1000}),
    run("output_is_the_dataset",
        "digits.h5: is no results file of this program (expected none, or one of the same job)",
        RUN + " -o digits.h5"),
    run("output_is_the_job",
        "job.yaml: cannot open as HDF5: file signature not found", RUN + " -o job.yaml"),
    run("output_is_empty",
        "empty.h5: cannot open as HDF5: file signature not found", RUN + " -o empty.h5",
        files={"empty.h5": b""}),
    run("output_of_another_job",
        "other.h5: holds the results of another job: train.epochs: 3 in the file, 2 in the job "
        "(expected the same job, one that extends it, or another file by -o, or another name)",
        RUN + " -o other.h5", files={"other.h5": write(other_results)}),
    run("output_cut",
        regex(r"other\.h5: cannot open as HDF5: truncated file: .*"), RUN + " -o other.h5",
        files={"other.h5": write(lambda: other_results()[:-100])}),
    run("file_in_the_place_of_the_folder",
        "results: cannot make the folder: Not a directory", files={"results": "a file"}, status=1),
    run("file_in_the_place_of_checkpoints",
        "r: cannot make the folder: Not a directory", RUN + " -o r.h5", files={"r": "a file"},
        status=1, leaves=r"r\.h5"),
    run("nowhere",
        "/proc/none: cannot make the folder: No such file or directory",
        RUN + " -o /proc/none/r.h5", status=1),
    run("name_too_long",
        f"{'r' * 300}.h5: the name of the results file has not 1 to 100 bytes (expected another name)",
        RUN + " -o " + "r" * 300 + ".h5"),
    run("in_use",
        f"r.h5: is in use by process 1 on {os.uname().nodename} (if that run is gone, remove "
        "r.h5.lock)",
        RUN + " -o r.h5", files={"r.h5.lock": lock_of(1)}),
    run("in_use_elsewhere",
        "r.h5: is in use by process 1 on elsewhere (if that run is gone, remove r.h5.lock)",
        RUN + " -o r.h5",
        files={"r.h5.lock": "host elsewhere process 1 start 1 since 2026-01-01T00:00:00Z\n"}),
    run("foreign_lock",
        "r.h5: is in use, since r.h5.lock exists (if no run uses it, remove that file)", RUN + " -o r.h5",
        files={"r.h5.lock": "mine\n"}),
    run("two_at_once", regex(r"r\.h5: is in use by process \d+ on \S+ .*"), RUN + " -o r.h5",
        text=job(("epochs: 2", "epochs: 100000")),
        shell="(exec %s) 2> errors & while [ ! -e r.h5.lock ]; do sleep 0.02; done; %s; status=$?; "
        "kill -TERM $!; wait $!; rm -f errors; exit $status", leaves=r"r\.h5|r(/.*)?"),
    fine("lock_of_a_dead_run", arguments=RUN + " -o results/r.h5", files={
        "results": os.mkdir,
        "results/r.h5.lock": f"host {os.uname().nodename} process 4194303 start 1 since 2026-01-01T00:00:00Z\n"}),
]

STREAMS = [
    run("full_output",
        "standard output: cannot write: No space left on device", "run job.yaml", status=1,
        shell="exec %s > /dev/full", ranks=(None,), leaves=DONE, then=unfinished),
    run("closed_output",
        "standard output: cannot write: Bad file descriptor", "run job.yaml", status=1,
        shell="exec %s >&-", ranks=(None,), leaves=DONE, then=unfinished),
    run("closed_output_of_check",
        "standard output: cannot write: Bad file descriptor", "check job.yaml", status=1,
        shell="exec %s >&-", ranks=(None,)),
    run("full_output_of_check",
        "standard output: cannot write: No space left on device", "check job.yaml", status=1,
        shell="exec %s > /dev/full", ranks=(None,)),
    run("full_output_of_help",
        "standard output: cannot write: No space left on device", "--help", status=1,
        shell="exec %s > /dev/full", ranks=(None,)),
    fine("all_closed", shell="exec %s <&- >&- 2>&-", ranks=(None,)),
    fine("no_input", shell="exec %s <&-"),
]

# Checkpoints of more than what MPI needs for itself.
HUGE = job(("- flatten\n", "- flatten\n  - dense: {units: 1200}\n"), ("sgd:", "adam:"))

LIMITS = [
    run("file_size",
        [regex(r"trial 1 failed: .*(\.new: .*: File too large|allowed by ulimit -f)"), FAILED],
        text=HUGE, shell="ulimit -f 14000; exec %s", status=1, leaves=DONE),
    case("file_size_of_data", "data digits --train 2000 -o d.h5",
         regex(r"d\.h5\.\w+\.tmp: cannot close: File too large"), shell="ulimit -f 600; exec %s",
         status=1, ranks=(None,)),
    run("open_files", None, shell="ulimit -n 7; exec %s", status=(1, 2), ranks=(None,), leaves=DONE,
        others=True),
    run("memory", [regex(r"trial 1 failed: out of memory: .*"), FAILED],
        text=job(("- flatten\n", "- flatten\n  - dense: {units: 1000000}\n")),
        shell="ulimit -v 2000000; exec %s", status=1, leaves=r"results(/small(\.h5|/owner)?)?"),
]

LOCALES = [
    fine("german", environment={"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"}),
    fine("no_language", environment={"LANG": None, "LC_ALL": None}),
    fine("other_times", environment={"TZ": "Pacific/Chatham"}),
    fine("clock_going_back", arguments=RUN + " --checkpoint-every 5steps", then=without_time,
         environment={"LD_PRELOAD": lambda: common.library("clock")}),
    fine("no_home", environment={"HOME": None, "LOCKSTEP_DATA": None, "XDG_CACHE_HOME": None}),
    case("no_home_for_data", "data digits",
         "no folder for datasets: set LOCKSTEP_DATA (or HOME)",
         environment={"HOME": None, "LOCKSTEP_DATA": None, "XDG_CACHE_HOME": None}),
    case("data_folder_is_a_file", "data digits",
         "file: cannot make the folder: Not a directory", files={"file": "a file"},
         environment={"LOCKSTEP_DATA": "file"}, status=1),
]

# A disk of its own, in a name space of mounts that ends with the run: for root alone.
DISK = ("exec unshare -m sh -c 'mkdir results && mount -t tmpfs -o size={size} none results && "
        "\"$@\"; status=$?; cp -r results kept; exit $status' sh %s")

DISKS = [
    run("disk_full_at_the_start",
        "results/small.h5.new: cannot close: No space left on device", shell=DISK.format(size="8k"),
        status=1, leaves=r"results|kept"),
    run("disk_full_midway",
        [regex(r"trial 1 failed: results/small/trial_1/best\.h5\.new: .*: No space left on device"),
         FAILED], text=LARGE, shell=DISK.format(size="700k"), status=1,
        leaves=r"results|kept(/.*)?"),
    run("disk_full_after_a_checkpoint",
        [regex(r"trial 1 failed: results/small/trial_1/last\.h5\.new: .*: No space left on device"),
         FAILED], text=LARGE, shell=DISK.format(size="2500k"), status=1,
        leaves=r"results|kept(/.*)?"),
    case("disk_full_for_data", "data digits --train 2000 -o results/d.h5",
         regex(r"results/d\.h5\.\w+\.tmp: /train/x: cannot write: No space left on device"),
         shell=DISK.format(size="300k"), status=1, leaves=r"results|kept"),
    run("read_only",
        "results/small.h5.lock: cannot create: Read-only file system",
        shell="exec unshare -m sh -c 'mkdir results && mount -t tmpfs -o ro none "
        "results && exec \"$@\"' sh %s", status=1, leaves="results"),
]

OutputTest = bad_input.table("OutputTest", OUTPUTS)
StreamTest = bad_input.table("StreamTest", STREAMS)
LimitTest = bad_input.table("LimitTest", LIMITS)
SurroundingsTest = bad_input.table("SurroundingsTest", LOCALES)


class AddressSpaceTest(common.ProgramTest):
    """Under any limit of the address space every verb ends, with a message about memory if it
    fails. OpenBLAS by itself retries the allocation of its buffers forever."""

    VERBS = ("--version", "check job.yaml", "run job.yaml -o new.h5",
             "eval results/small/trial_1/best.h5", "bench job.yaml --seconds 0.1",
             "report results/small.h5", "activations results/small/trial_1/best.h5 -o a.h5")

    def test_ends(self):
        self.write_job(common.make_job(train={"epochs": 1}))
        self.lockstep("run", "job.yaml")
        failures = 0
        for kilobytes in (100_000, 200_000, 300_000, 430_000):
            for verb in self.VERBS:
                with self.subTest(verb, kilobytes=kilobytes):
                    done = subprocess.run(
                        ["bash", "-c", f"ulimit -v {kilobytes}; exec {common.LOCKSTEP} {verb}"],
                        capture_output=True, check=False, timeout=20, **self.options())
                    failures += done.returncode != 0
                    if done.returncode == 0:
                        continue
                    self.assertIn(done.returncode, (1, 2, 127), done.stderr)
                    self.assertRegex(done.stderr, "memory|failed to map segment")
        self.assertGreater(failures, 2)


MAY_MOUNT = subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode == 0
DiskTest = unittest.skipUnless(MAY_MOUNT, "needs the right to mount")(
    bad_input.table("DiskTest", DISKS))

if __name__ == "__main__":
    common.main()
