"""`lockstep completion`: the scripts complete verbs, options, their values and file names, in bash,
zsh and fish."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common

# What bash calls the function with; compopt works only within a completion.
BASH = r"""
source ./lockstep.bash
compopt() { :; }
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_lockstep
printf '%s\n' "${COMPREPLY[@]}"
"""

# A zsh in a pseudo-terminal, whose line editor completes a line: prints the terminal's text up to
# where it matches the pattern.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "autoload -U compinit; compinit -u -D; source ./_lockstep; LISTMAX=1000; print read''y"
zpty -r shell text '*ready*'
zpty -n -w shell "$1"$'\t'
zpty -r shell text "*$2*"
print -r -- "$text"
"""


class CompletionTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        for shell, name in [("bash", "lockstep.bash"), ("zsh", "_lockstep"), ("fish", "l.fish")]:
            with open(self.path(name), "w", encoding="utf-8") as file:
                file.write(self.lockstep("completion", shell).stdout)
        os.mkdir(self.path("jobs"))
        for name in ["a.yaml", "b.yaml", "model.h5", "notes.txt"]:
            open(self.path(name), "w", encoding="utf-8").close()

    def shell(self, *command):
        return subprocess.run(command, capture_output=True, timeout=60, check=True,
                              **self.options()).stdout

    def bash(self, *words):
        return set(self.shell("bash", "--norc", "-c", BASH, "bash", "lockstep", *words).split())

    def fish(self, line):
        script = f"source l.fish; complete -C '{line}'"
        return {match.split("\t")[0] for match in self.shell("fish", "-N", "-c", script).split("\n")
                if match}

    def verbs(self):
        return set(re.findall(r"^  (\w+)  ", self.lockstep("--help").stdout, re.M))

    def options_of(self, verb):
        return set(re.findall(r"--[a-z]+[a-z-]*", self.lockstep(verb, "--help").stdout))

    def test_bash(self):
        self.assertEqual(self.bash(""), self.verbs() | {"--help", "--version"})
        self.assertEqual(self.bash("ch"), {"check"})
        self.assertEqual(self.bash("run", ""), {"a.yaml", "b.yaml", "jobs"})
        self.assertEqual(self.bash("run", "a"), {"a.yaml"})
        self.assertEqual(self.bash("report", ""), {"model.h5", "jobs"})
        self.assertEqual(self.bash("run", "--pro"), {"--progress=", "--profile"})
        self.assertEqual(self.bash("run", "--progress", "=", "li"), {"live", "lines"})
        self.assertEqual(self.bash("run", "--progress", "="), {"auto", "live", "lines", "none"})
        self.assertEqual(self.bash("run", "-o", "n"), {"notes.txt"})
        self.assertEqual(self.bash("report", "--svg", ""), {"jobs"})
        self.assertEqual(self.bash("check", "-n", ""), set())
        self.assertEqual(self.bash("data", "d"), {"digits"})
        self.assertEqual(self.bash("completion", ""), {"bash", "zsh", "fish"})

    def test_all_options(self):
        for verb in self.verbs():
            with self.subTest(verb):
                found = {option.rstrip("=") for option in self.bash(verb, "--")}
                self.assertLessEqual(found - {"--help"}, self.options_of(verb))
                found = {option.rstrip("=") for option in self.fish(f"lockstep {verb} --")}
                self.assertLessEqual(found - {"--help"}, self.options_of(verb))

    def test_fish(self):
        self.assertLessEqual(self.verbs(), self.fish("lockstep "))
        self.assertIn("a.yaml", self.fish("lockstep run "))
        self.assertEqual(self.fish("lockstep run --progress="),
                         {f"--progress={how}" for how in ["auto", "live", "lines", "none"]})
        self.assertIn("digits", self.fish("lockstep data "))

    def test_zsh(self):
        def zsh(line, pattern):
            return self.shell("zsh", "-f", "-c", ZSH, "zsh", line, pattern)
        zsh("lockstep chec", "lockstep check")
        zsh("lockstep run --progress=", "auto*lines*live*none")
        zsh("lockstep data d", "lockstep data*digits")
        self.assertNotIn("notes.txt", zsh("lockstep run ", "a.yaml*b.yaml"))

    def test_errors(self):
        self.assertIn("unknown shell 'csh' (expected bash, zsh or fish)",
                      self.lockstep("completion", "csh", status=2).stderr)
        self.lockstep("completion", status=2)


if __name__ == "__main__":
    common.main()
