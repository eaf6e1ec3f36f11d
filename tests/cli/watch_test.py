"""`lockstep watch` without a run: status files that others made, and wrong command lines."""

import fcntl
import json
import os
import re
import sys
import time
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "mpi"), HERE]

import h5py

import common
import pages
from common import make_job

EVIL = "\033[2J\r\nFORGED\u202e<script>alert(1)</script>\"'&"
TRIAL = {"trial": 1, "name": EVIL, "epoch": 1, "epochs": 2, "epoch_done": 0.5, "loss": 0.5,
         "metric": 0.5, "headline": 0.5, "samples_per_second": 10, "seconds_left": 20}
STATUS = {"format": 1, "title": EVIL, "host": "elsewhere" + EVIL, "process": 1, "ranks": 2,
          "metric": EVIL, "headline": EVIL, "trials": 1, "finished": 0, "fraction": 0.25,
          "elapsed_seconds": 10, "running": [TRIAL], "interval_seconds": 2, "ended": False,
          "nodes": [{"host": EVIL, "age_seconds": 0, "ranks": [
              {"rank": 0, "activity": EVIL, "waiting": True, "idle_seconds": 100}]}]}


class WatchTest(common.ProgramTest):
    def write_status(self, **changes):
        document = {"updated": time.time(), **STATUS, **changes}
        with open(self.path("x.status"), "w", encoding="utf-8") as file:
            json.dump(document, file)

    def refused(self, message, *arguments):
        done = self.lockstep("watch", *arguments, status=2)
        self.assertIn("lockstep: " + message, done.stderr)

    def test_texts(self):
        """They are shown as what they are, on a terminal and in the page."""
        self.write_status()
        done = self.lockstep("watch", "x.h5", "--once", "--html", "x.html")
        for c in set(done.stdout + done.stderr) - {"\n"}:
            self.assertNotIn(unicodedata.category(c), ("Cc", "Cf", "Zl", "Zp"), ascii(done.stdout))
        self.assertIn(r"\x1b[2J\r\nFORGED\u202e<script>", done.stdout)
        self.assertNotRegex(done.stdout, "(?m)^FORGED")
        with open(self.path("x.html"), encoding="utf-8") as file:
            page = pages.Page(file.read())
        self.assertNotIn("script", page.tags)
        self.assertIn("<script>alert(1)</script>", page.text)

    def test_sizes(self):
        """Many trials and ranks; numbers out of range; members of other types."""
        ranks = [{"rank": i, "activity": "training"} for i in range(2000)]
        self.write_status(running=1000 * [TRIAL], nodes=500 * [{"host": "n", "ranks": ranks[:4]}])
        self.lockstep("watch", "x.h5", "--once", "--html", "x.html")
        self.assertLess(os.path.getsize(self.path("x.html")), 5e6)
        self.write_status(running=[{**TRIAL, "trial": 2**63 - 1, "epochs": -1, "epoch": 1e300}],
                          trials=-1, finished=1e300, fraction="x", nodes={}, metric=[], title=3)
        self.assertIn("0 of 0 trials", self.lockstep("watch", "x.h5", "--once").stdout)

    def test_other_results(self):
        """Rows of a file to which the status does not belong are not read beyond its end."""
        self.write_job(make_job())
        self.lockstep("run", "job.yaml", "-o", "x.h5")
        for change in ({"trial": 10**12}, {"trial": 2}, {"trial": 1}):
            for headline in ("val_accuracy", "status", "epoch", "provenance", "../x", "/"):
                self.write_status(running=[{**TRIAL, **change}], headline=headline)
                shown = self.lockstep("watch", "x.h5", "--once").stdout
                if headline != "provenance":  # a group
                    self.assertIn("trials: 1 done\n", shown)
                drawn = change["trial"] == 1 and headline in ("val_accuracy", "epoch")
                self.assertEqual("by epoch" in shown, drawn)

    def test_other_epochs(self):
        """A curve over other epochs than the loss."""
        self.write_job(make_job())
        self.lockstep("run", "job.yaml", "-o", "x.h5")
        with h5py.File(self.path("x.h5"), "a") as file:
            self.assertGreater(file["loss"].shape[-1], 1)
            file["short"] = file["val_accuracy"][..., :1]
        self.write_status(headline="short")
        shown = self.lockstep("watch", "x.h5", "--once", "--html", "x.html").stdout
        self.assertRegex(shown, "short by epoch, from .*, epochs 1 to 1\n")

    def test_no_lock(self):
        """The results are read whatever locks others have, and none is taken."""
        self.write_job(make_job())
        self.lockstep("run", "job.yaml", "-o", "x.h5")
        with open(self.path("x.h5"), "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.lockstep("report", "x.h5", status=2)
            self.assertIn("trials: 1 done\n", self.lockstep("watch", "x.h5").stdout)

    def test_silent(self):
        """A run elsewhere that has not updated its status."""
        self.write_status(updated=time.time() - 40)
        done = self.lockstep("watch", "x.h5", "--once", status=1)
        self.assertRegex(done.stderr, r"x\.h5: its run on elsewhere.*: no sign of life for 4\d s: killed, "
                                      r"suspended, or cut off from the file system\n")
        self.write_status(updated=time.time() - 400)
        self.lockstep("watch", "x.h5", status=1, seconds=20)

    def test_ended(self):
        for status in (0, 1, 2, 75):
            self.write_status(ended=True, exit_status=status, message=EVIL if status else "")
            done = self.lockstep("watch", "x.h5", status=status)
            self.assertEqual(bool(done.stderr), status != 0)
            self.assertIn(f"ended with exit status {status}\n", done.stdout)

    def test_refused(self):
        self.refused("x.h5: no run has written its status file x.status (expected the results file "
                     "of a running job)", "x.h5")
        self.refused("no results file given", "--once")
        self.refused("more than one results file given", "x.h5", "y.h5")
        for text, message in (("", "x.status:1: is not JSON"), ("{", "is not JSON"),
                              ("[]", "x.status: is not the status file of a run (expected format 1)"),
                              ('{"format": 2}', "is not the status file of a run")):
            with open(self.path("x.status"), "w", encoding="utf-8") as file:
                file.write(text)
            self.assertRegex(self.lockstep("watch", "x.h5", "--once", status=2).stderr,
                             re.escape(message))
        self.write_status()
        self.refused("x.status: is an input", "x.h5", "--once", "--html", "x.status")
        os.symlink("x.status", self.path("y.status"))
        self.refused("y.status", "y.h5", "--once")


if __name__ == "__main__":
    common.main()
