"""man/lockstep.1 is complete: every member of the families, every argument and default of the
tables in the sources, every option; and its jobs run."""

import fractions
import glob
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

# The subsection of JOB FILE for each list of members, folder of sources, and table of recipe.c.
LISTS = {
    "LS_LAYERS": "Layers",
    "LS_ACTIVATIONS": "Activations",
    "LS_INITIALIZERS": "Initializers",
    "LS_REGULARIZERS": "Regularizers",
    "LS_LOSSES": "Losses",
    "LS_METRICS": "Metrics",
    "LS_OPTIMIZERS": "Optimizers",
    "LS_SCHEDULES": "Learning rate schedules",
    "LS_TRANSFORMS": "dataset",
}
FOLDERS = {
    "src/nn": "Layers",
    "src/nn/layers": "Layers",
    "src/nn/activations": "Activations",
    "src/nn/initializers": "Initializers",
    "src/nn/regularizers": "Regularizers",
    "src/nn/losses": "Losses",
    "src/nn/metrics": "Metrics",
    "src/optim/optimizers": "Optimizers",
    "src/optim/schedules": "Learning rate schedules",
    "src/data/transforms": "dataset",
}
RECIPE = {
    "recipe_args": "Top level",
    "dataset_args": "dataset",
    "subset_args": "dataset",
    "fraction_args": "dataset",
    "head_args": "heads",
    "train_args": "train",
    "early_stopping_args": "train",
    "plateau_args": "train",
}


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


# ---- The sources


def members():
    """(subsection, name) of every line of the lists."""
    found = set()
    for path in glob.glob(os.path.join(ROOT, "src", "*", "*.h")):
        for name, lines in re.findall(r"#define (LS_\w+)\(X\)((?:.*\\\n)*.*)", read(path)):
            if name in LISTS:
                found |= {(LISTS[name], member) for member in re.findall(r"X\((\w+)\)", lines)}
    return found


def inline(path):
    """The file with our own headers included, and no others."""
    folder = os.path.dirname(path)

    def header(match):
        places = [os.path.join(folder, match[1]), os.path.join("include", match[1])]
        places += [os.path.join("src", match[1])]
        return inline(next(p for p in places if os.path.exists(os.path.join(ROOT, p))))

    text = re.sub(r"^#include <.*$", "", read(path), flags=re.M)
    return re.sub(r'^#include "(.*)"$', header, text, flags=re.M)


def tables(path):
    """The tables of arguments in a source: their names, with [(argument, default)]."""
    done = subprocess.run(["cc", "-E", "-P", "-x", "c", "-"], input=inline(path), text=True,
                          capture_output=True, check=True)
    for name, body in re.findall(r"const ls_arg (\w+)\[\] = \{(.*?)\};", done.stdout, re.S):
        entries = re.findall(r'\{\s*"(\w+)",\s*LS_ARG_\w+,\s*offsetof\([^)]*\),\s*'
                             r'(?:NULL|"([^"]*)")', body)
        assert len(entries) == body.count("LS_ARG_"), f"{path}: {name}: not understood"
        yield name, entries


def arguments():
    """(subsection, argument, default) of every table; the default is "" where there is none."""
    found = set()
    for path in glob.glob(os.path.join(ROOT, "src", "**", "*.c"), recursive=True):
        path = os.path.relpath(path, ROOT)
        if "ls_arg " not in read(path):
            continue
        for name, entries in tables(path):
            place = RECIPE.get(name) if path == "src/train/recipe.c" else None
            place = place or FOLDERS.get(os.path.dirname(path))
            assert place or not entries, f"{path}: {name}: belongs to no subsection"
            found |= {(place, argument, default) for argument, default in entries}
    return found


# ---- The page


def parts(page, macro):
    """The page's parts by their headings."""
    pieces = re.split(rf"^\.{macro} (.*)\n", page, flags=re.M)
    return dict(zip(pieces[1::2], pieces[2::2]))


def values(text):
    """A default in a form that is the same for all ways to write it."""
    def value(word):
        try:
            return float(fractions.Fraction(word))
        except ValueError:
            return word
    return tuple(value(word.strip()) for word in text.strip("[]").split(","))


def marked(line):
    """The names that `.Cm` marks in a line, each with the text in brackets behind it."""
    words, names, at = line.split(), [], 0
    name = False  # whether names come next
    while at < len(words):
        word, at = words[at].lstrip("."), at + 1
        if word == "Bq" and names:
            end = next((k for k in range(at, len(words)) if words[k] in list(",;:.")), len(words))
            default = " ".join(w for w in words[at:end] if w != "Cm").replace("\\-", "-")
            names[-1] = (names[-1][0], default)
            at = end
        elif re.fullmatch("[A-Z][a-z]", word):
            name = word == "Cm"
        elif name and re.fullmatch(r"\w+", word):
            names.append((word, None))
    return names


class ManualTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        self.sections = parts(read("man", "lockstep.1"), "Sh")
        self.job = {}
        for title, text in parts(self.sections["JOB FILE"], "Ss").items():
            lines = [line for line in text.splitlines() if re.match(r"\..*\bCm\b", line)]
            self.job[title] = [found for line in lines for found in marked(line)]

    def assertNone(self, names, what):
        if names:
            self.fail(f"{what}: " + ", ".join(sorted(map(str, names))))

    def test_members(self):
        known = {(title, name) for title, names in self.job.items() for name, _ in names}
        listed = members()
        self.assertEqual({title for title, _ in listed}, set(LISTS.values()))
        self.assertNone(listed - known, "not in the manual page")

    def test_arguments(self):
        known = {(title, name) for title, names in self.job.items() for name, _ in names}
        listed = {(title, argument) for title, argument, _ in arguments()}
        self.assertGreater(len(listed), 100)
        self.assertNone(listed - known, "not in the manual page")

    def test_defaults(self):
        written = {(title, name, values(default)) for title, names in self.job.items()
                   for name, default in names if default}
        true = {(title, name, values(default)) for title, name, default in arguments()
                if default not in ("", "null", "[]", "{}")}
        self.assertNone(true - written, "not in the manual page")
        self.assertNone(written - true, "only in the manual page")

    def test_options(self):
        verbs = re.findall(r"^  (\w+)  ", self.lockstep("--help").stdout, re.M)
        self.assertIn("run", verbs)
        description = self.sections["DESCRIPTION"]
        starts = {verb: description.index(f"\n.It Cm {verb}\n") for verb in verbs}
        for verb, start in starts.items():
            end = min([s for s in starts.values() if s > start], default=len(description))
            options = re.findall(r"--([a-z]+)", self.lockstep(verb, "--help").stdout)
            missing = {o for o in options if f"Fl -{o}" not in description[start:end]}
            self.assertNone(missing, f"options of {verb} not in the manual page")

    def test_jobs(self):
        """The jobs among the examples run."""
        os.environ["LOCKSTEP_DATA"] = self.folder
        self.addCleanup(os.environ.pop, "LOCKSTEP_DATA")
        self.lockstep("data", "digits", "--train", "3000", "--test", "200", "-o", "mnist.h5")
        self.lockstep("data", "clock", "--train", "200", "--test", "50", "--size", "48")
        blocks = re.findall(r"^\.Bd -literal.*\n(name: (?:.*\n)*?)\.Ed",
                            self.sections["EXAMPLES"], re.M)
        self.assertEqual(len(blocks), 2)
        for number, block in enumerate(blocks):
            with open(self.path("job.yaml"), "w", encoding="utf-8") as file:
                file.write(block)
            self.lockstep("run", "job.yaml", "--set", "train.epochs=1", "-o", f"{number}.h5")


if __name__ == "__main__":
    common.main()
