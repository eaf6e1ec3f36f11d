"""`lockstep watch`: a job on two ranks as another process sees it, while it runs, when it ends or is
killed; what is printed, the page, the terminal afterwards; and that the results don't depend on it."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "cli"))

import common
import pages
from common import dense, make_job
from kills import ranks_of


def endless(epochs=1000000, **sweep):
    return make_job(model=["flatten", dense(16, activation="relu",
                                            kernel_regularizer={"l2": "$l2"}),
                           dense(10, activation="softmax")],
                    train={"epochs": epochs, "optimizer": {"sgd": {"learning_rate": 0.01}}},
                    sweep={"l2": [1e-5, 1e-4], "ranks_per_trial": 1, **sweep}, title="<T> & \033[1m")


class WatchTest(common.ProgramTest):
    def status(self):
        try:
            with open(self.path("x.status"), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def start_job(self, job, *arguments):
        """Returns once both trials have finished an epoch."""
        self.write_job(job)
        process = self.start("run", "job.yaml", "-o", "x.h5", "--progress", "none", *arguments,
                             ranks=2)
        self.wait_until(lambda: (document := self.status()) and not document["ended"] and
                        [t["headline"] for t in document["running"]].count(None) == 0 and
                        len(document["running"]) == 2, seconds=120)
        return process

    def stop_job(self, process):
        open(self.path("x.stop"), "w", encoding="utf-8").close()
        _, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 75, errors)
        os.remove(self.path("x.stop"))

    def check_status(self, process):
        """What the manual page says of the status file."""
        document, ranks = self.status(), ranks_of(process)
        self.assertEqual((document["format"], document["ranks"], document["process"]),
                         (1, 2, ranks[0]))
        self.assertEqual({t["name"] for t in document["running"]}, {"l2=1e-05", "l2=0.0001"})
        self.assertEqual([(r["rank"], r["trial"]) for n in document["nodes"] for r in n["ranks"]],
                         [(0, document["running"][0]["trial"]),
                          (1, document["running"][1]["trial"])])
        updated = document["updated"]
        self.wait_until(lambda: self.status()["updated"] > updated)

    def check_page(self, refresh):
        with open(self.path("x.html"), encoding="utf-8") as file:
            text = file.read()
        page = pages.Page(text)
        self.assertNotIn("script", page.tags)
        self.assertIn("default-src 'none'; style-src 'unsafe-inline'; img-src data:", text)
        self.assertEqual(text.count('<meta http-equiv="refresh" content="5">'), int(refresh))
        self.assertIn(r"<T> & \x1b[1m", page.text)
        self.assertIn("svg" if refresh else "h1", page.tags)
        return page.text

    def test_running_job(self):
        """While it runs, and when it is stopped."""
        process = self.start_job(endless())
        self.check_status(process)
        shown = self.lockstep("watch", "x.h5", "--once").stdout
        self.assertIn(r"<T> & \x1b[1m" + "\nrunning on 2 ranks, updated ", shown)
        self.assertIn("trials: 2 running\n", shown)
        self.assertRegex(shown, r"l2=1e-05 +░+ +\d+/1000000 .*\n(.*\n)*0 of 2 trials ░")
        self.assertRegex(shown, r"val_accuracy by epoch, from 0\.\d+ to 0\.\d+, epochs 1 to \d+\n"
                                r"(l2=\S+ +.*[▁-█].*\n)+")
        self.assertRegex(shown, r": 2 ranks: ")
        watch = self.start("watch", "x.h5", "--html", "x.html")
        self.wait_until(lambda: os.path.exists(self.path("x.html")), seconds=60)
        text = self.check_page(refresh=True)
        self.assertIn("running on 2 ranks", text)
        self.assertIn("val_accuracy of the trials in training.", text)
        self.stop_job(process)
        shown, errors = watch.communicate(timeout=60)
        self.assertEqual(watch.returncode, 75, errors)
        self.assertIn("ended with exit status 75\ntrials: 2 pending\n", shown)
        self.assertRegex(errors, r"\Alockstep: x\.stop: this file stops the job; everything is saved")
        self.assertIn("ended with exit status 75", self.check_page(refresh=False))
        self.assertEqual(self.lockstep("watch", "x.h5", "--once", status=75).stderr, errors)

    def test_killed_job(self):
        process = self.start_job(endless())
        watch = self.start("watch", "x.h5", "--html", "x.html")
        self.wait_until(lambda: os.path.exists(self.path("x.html")), seconds=60)
        ranks = ranks_of(process)
        for rank in ranks.values():
            os.kill(rank, signal.SIGKILL)
        process.communicate(timeout=60)
        _, errors = watch.communicate(timeout=60)
        self.assertEqual(watch.returncode, 1)
        expected = (rf"\Alockstep: x\.h5: its run on \S+: killed: process {ranks[0]} does not exist "
                    r"any more; last sign of life [\d.]+ s ago\n\Z")
        self.assertRegex(errors, expected)
        self.assertRegex(self.check_page(refresh=False), r"killed: process \d+ does not exist")
        done = self.lockstep("watch", "x.h5", "--once", status=1)
        self.assertRegex(done.stderr, expected)
        self.assertIn("killed: process", done.stdout)

    def test_results(self):
        """Those of a job that is watched all the time are those of one that is not, whatever it
        prints; a finished job reports its status."""
        job = endless(epochs=40)
        whole = self.run_job(job, ranks=2)
        ended = threading.Event()

        def watch():
            while not ended.wait(0.05):
                if os.path.exists(self.path("x.status")):
                    self.lockstep("watch", "x.h5", "--once", status=(0, 1))

        self.write_job(job)
        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            self.lockstep("run", "job.yaml", "-o", "x.h5", ranks=2)
        finally:
            ended.set()
            watcher.join()
        self.assertEqual(common.differing(common.read(self.path("x.h5")), whole), [])
        done = self.lockstep("watch", "x.h5")
        self.assertIn("ended with exit status 0\ntrials: 2 done\n2 of 2 trials ", done.stdout)
        self.assertEqual(self.status()["finished"], 2)

    def test_failed_job(self):
        job = endless(epochs=2)
        job["train"]["optimizer"] = {"sgd": {"learning_rate": 1e30}}
        self.write_job(job)
        errors = self.lockstep("run", "job.yaml", "-o", "x.h5", ranks=2, status=1).stderr
        done = self.lockstep("watch", "x.h5", status=1)
        self.assertIn("lockstep: x.h5: of 2 trials 2 diverged", errors)
        self.assertIn(done.stderr, errors)
        self.assertIn("trials: 2 diverged\n", done.stdout)

    def test_terminal(self):
        """It is as before after Ctrl-C, with the last view on it."""
        process = self.start_job(endless())
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        before = termios.tcgetattr(theirs)
        child = os.fork()
        if child == 0:
            os.setsid()
            fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
            for fd in (0, 1, 2):
                os.dup2(theirs, fd)
            os.chdir(self.folder)
            os.execv(common.LOCKSTEP, [common.LOCKSTEP, "watch", "x.h5"])
        shown, interrupted, end = b"", False, time.monotonic() + 60
        result = (0, 0)
        while result == (0, 0) and time.monotonic() < end:
            if select.select([ours], [], [], 0.1)[0]:
                shown += os.read(ours, 65536)
            if not interrupted and shown.count(b"running on 2 ranks") > 1:
                os.write(ours, b"\x03")
                interrupted = True
            result = os.waitpid(child, os.WNOHANG)
        while select.select([ours], [], [], 0.1)[0]:
            shown += os.read(ours, 65536)
        after = termios.tcgetattr(theirs)
        os.close(ours)
        os.close(theirs)
        self.assertEqual(result, (child, signal.SIGINT))
        self.assertEqual(after, before)
        # The terminal echoes the key at once, even within a character.
        shown = shown.replace(b"^C", b"").decode()
        self.assertTrue(shown.startswith("\033[?1049h\033[?25l\033[H"), ascii(shown[:40]))
        inside, _, outside = shown.partition("\033[?25h\033[?1049l")
        self.assertIn("running on 2 ranks", outside)
        self.assertNotIn("\033", outside)
        for line in re.sub(r"\033\[[?\d]*[A-Za-z]|\r", "", inside).splitlines():
            self.assertLess(len(line), 100)
        self.assertIsNone(process.poll())
        self.stop_job(process)


if __name__ == "__main__":
    common.main()
