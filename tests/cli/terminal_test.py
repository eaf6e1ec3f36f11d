"""Texts from jobs and files on the terminal: labels, titles, names of layers, targets, classes and
files that hold control characters, escape sequences, line breaks, damaged UTF-8 or words like those
of the program are shown as what they are, by every verb."""

import os
import re
import shlex
import subprocess
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "mpi"), HERE]

import h5py
import numpy as np

import common
from common import dense, make_job

SOURCES = os.path.join(HERE, "..", "..", "src")
EVIL = "\033[31m\a\r\nFORGED:\u202e epoch=9 \"'\\"
SHOWN = r"\x1b[31m\x07\r\nFORGED:\u202e epoch=9"
MODEL = "results/small/trial_1/last.h5"
# Functions that print to a stream, which base/print.c calls for all others. Those of files may.
PRINTS = re.compile(r"\b(v?printf|v?dprintf|puts|putchar|perror)\(|"
                    r"\b(v?fprintf|fputs|fputc|putc|fwrite)\([^;]*\b(stdout|stderr|out)\b")
WRITES_FILES = {"store/results/copy.c"}


def write_data(path):
    random = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        for part, count in (("train", 200), ("test", 60)):
            file[f"{part}/x"] = random.integers(0, 255, (count, 4, 4), dtype="u1")
            labels = file.create_dataset(f"{part}/y/target{EVIL[:12]}",
                                         data=random.integers(0, 3, count))
            labels.attrs["class_names"] = np.array(
                [b"zero" + EVIL.encode(), b"damaged \xff\xc3", b"two"], dtype="S80")


def make():
    return make_job(title="title" + EVIL, dataset={"file": "data.h5"},
                    model=["flatten", dense("$units", name="$label"),
                           dense(3, activation="softmax")],
                    sweep={"label": ["label" + EVIL, "plain"], "units": [3]})


class SourceTest(common.ProgramTest):
    def test_one_place_prints(self):
        """Everything is printed by base/print.c, which escapes texts."""
        found = []
        for folder, _, names in os.walk(SOURCES):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), SOURCES)
                if not name.endswith(".c") or path == "base/print.c" or path in WRITES_FILES:
                    continue
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    found += [f"{path}: {match[0]}" for match in PRINTS.finditer(file.read())]
        self.assertEqual(found, [])


class TerminalTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        write_data(self.path("data.h5"))
        self.write_job(make())

    def shown(self, *words, status=0):
        """What a verb prints, which may not hold anything but visible characters in its own lines."""
        done = subprocess.run([common.LOCKSTEP, *words], capture_output=True, timeout=120,
                              **self.options(text=False))
        text = (done.stdout + done.stderr).decode("utf-8")
        self.assertEqual(done.returncode, status, text)
        for c in set(text) - {"\n"}:
            self.assertNotIn(unicodedata.category(c), ("Cc", "Cf", "Zl", "Zp"), ascii(text))
        self.assertNotRegex(text, "(?m)^FORGED")
        return text

    def test_check(self):
        text = self.shown("check", "job.yaml")
        self.assertIn("\nlabel" + SHOWN, text)  # a layer
        self.assertIn(f'label="label{SHOWN}', text)  # a trial
        self.assertIn(r'title: "title\u001b[31m\u0007\u000d\nFORGED', text)  # YAML

    def test_lines_of_progress(self):
        """A reader that splits the lines as a shell does gets the words that the program wrote."""
        text = self.shown("run", "job.yaml", "--progress", "lines")
        lines = [dict(word.split("=", 1) for word in shlex.split(line))
                 for line in text.splitlines() if line.startswith("trial=")]
        self.assertEqual([line.get("epoch") for line in lines], 2 * ["1/2", "2/2", None])
        self.assertEqual({line["label"][:5] for line in lines}, {"label", "plain"})

    def test_results(self):
        self.shown("run", "job.yaml", "--progress", "none")
        text = self.shown("report", "results/small.h5")
        self.assertTrue(text.startswith("title" + SHOWN))
        self.assertIn("\nBest: label = label" + SHOWN, text)
        self.shown("report", "results/small.h5", "--csv", "-")
        self.shown("report", "--summary", "results/small.h5")
        os.rename(self.path("results/small.h5"), self.path("results/" + os.fsdecode(b"\xff\n.h5")))
        self.assertIn(r"Page: results/\xff\n.html",
                      self.shown("report", os.fsdecode(b"results/\xff\n.h5")))

    def test_analyses(self):
        self.shown("run", "job.yaml", "--progress", "none")
        text = self.shown("eval", MODEL)
        self.assertIn("zero" + SHOWN, text)
        self.assertIn(r"damaged \xff\xc3  ", text)
        for words in (("errors", MODEL), ("activations", MODEL)):
            with self.subTest(words=words):
                self.shown(*words)

    def test_messages(self):
        name = os.fsdecode(b"a\033[2J\n\xff.h5")
        shown = r"a\x1b[2J\n\xff.h5: cannot open"
        for verb in ("report", "eval", "errors", "check"):
            self.assertIn(shown, self.shown(verb, name, status=2))
        self.assertIn(r"unknown verb '\x1b[2J'", self.shown("\033[2J", status=2))
        self.assertIn(r"\x1b[2J", self.shown("check", "--\033[2J", status=2))

    def test_data(self):
        for name in ("images", "labels"):
            shape = (2, 4, 4) if name == "images" else (2,)
            with open(self.path(name + "\033\n"), "wb") as file:
                file.write(bytes([0, 0, 8, len(shape)]))
                file.write(np.array(shape, ">u4").tobytes() + bytes(int(np.prod(shape))))
        text = self.shown("data", "--idx", "images\033\n", "labels\033\n", "-o", "x\033\n.h5")
        self.assertIn(r"x\x1b\n.h5: 2 training", text)

    def test_submit(self):
        """The script is what is asked for: it is bash's, and every word of it is one word."""
        path = "it's $(touch PWNED)\n`touch PWNED`.yaml"
        os.rename(self.path("job.yaml"), self.path(path))
        text = self.shown("submit", path, "--print", "--ranks-per-node=1",
                          "--set", "title='`touch PWNED`'", "-o", "results/x $(touch PWNED).h5",
                          status=2)
        self.assertIn("the name of the results file has characters other", text)
        text = self.shown("submit", path, "--print", "--ranks-per-node=1",
                          "--sbatch", "--comment=x\ntouch PWNED", status=2)
        self.assertIn(r"--sbatch: '--comment=x\ntouch PWNED' holds a control character", text)
        script = self.shown("submit", path, "--print", "--ranks-per-node=1",
                            "--set", "title='`touch PWNED`'", "--sbatch", "--comment=$(touch PWNED)")
        arguments = re.search("(?m)^set -- .*$", script)[0]
        done = subprocess.run(["bash", "-c", arguments + '; printf "%s\\0" "$@"'], check=True,
                              capture_output=True, timeout=20, cwd=self.folder)
        self.assertEqual(done.stdout.decode().split("\0")[:3],
                         [path, "--set", "title='`touch PWNED`'"])
        self.assertFalse(os.path.exists(self.path("PWNED")))


if __name__ == "__main__":
    common.main()
