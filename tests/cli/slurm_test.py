"""How the program uses Slurm, with scripts in the place of Slurm's commands."""

import difflib
import os
import re
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import make_job

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ENDLESS = {"epochs": 100000}


class SlurmTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        self.slurm = {}  # environment of the program
        os.mkdir(self.path("bin"))

    def options(self, **changes):
        options = super().options(**changes)
        environment = {name: value for name, value in options["env"].items()
                       if not name.startswith("SLURM_")}
        path = f"{self.path('bin')}:{environment['PATH']}"
        options["env"] = {**environment, "PATH": path, **self.slurm}
        return options

    def stand_in(self, name, script):
        with open(self.path(f"bin/{name}"), "w", encoding="utf-8") as file:
            file.write(f"#!/bin/bash\n{script}\n")
        os.chmod(file.name, 0o755)


class TimeLeftTest(SlurmTest):
    """A run stops before its allocation ends."""

    def test_stops(self):
        self.write_job(make_job(train=ENDLESS))
        self.stand_in("squeue", "echo RUNNING 0:04")
        end = str(int(time.time()) + 8)
        cases = {
            "told by the environment": {"SLURM_JOB_ID": "7", "SLURM_JOB_END_TIME": end},
            "told by squeue": {"SLURM_JOB_ID": "7"},
        }
        for name, self.slurm in cases.items():
            for ranks in (None, 3):
                with self.subTest(name, ranks=ranks):
                    start = time.monotonic()
                    done = self.lockstep("run", "job.yaml", "-o", "a.h5", "--progress", "none",
                                         "--status", "status", ranks=ranks, status=75)
                    self.assertIn("lockstep: stopped before the time limit of the Slurm job 7; "
                                  "everything is saved (to resume, run the same command)\n",
                                  done.stderr)
                    self.assertLess(time.monotonic() - start, 12)
                    with open(self.path("status"), encoding="utf-8") as file:
                        self.assertEqual(file.read(), "75\n")

    def test_completes(self):
        self.write_job(make_job())
        for answer in ("echo RUNNING 1:00:00", "echo RUNNING UNLIMITED", "exit 1"):
            with self.subTest(answer):
                self.stand_in("squeue", answer)
                self.slurm = {"SLURM_JOB_ID": "7"}
                self.lockstep("run", "job.yaml", "-o", "a.h5", "--progress", "none")
                self.remove_results("a.h5")


    def test_stale(self):
        """Variables of a job that is over, and values that are no time, stop nothing."""
        self.write_job(make_job())
        soon = str(int(time.time()) + 1)
        for end, answer in ((soon, "true"), (soon, "echo PENDING 0:01"),
                            (soon, "echo 'Invalid job id specified' >&2; exit 1"),
                            *((end, "exit 1") for end in ("0", "Unknown", "1000000000"))):
            with self.subTest(end=end, answer=answer):
                self.stand_in("squeue", answer)
                self.slurm = {"SLURM_JOB_ID": "7", "SLURM_JOB_END_TIME": end}
                done = self.lockstep("run", "job.yaml", "-o", "a.h5", "--progress", "none")
                self.assertEqual(done.stderr, "")
                self.remove_results("a.h5")


def directive_words(line):
    """The words of a line of options as sbatch splits them: blanks separate, quotes group, a
    backslash escapes also between quotes, and # begins a comment."""
    words, word, quote, escaped = [], None, None, False
    for character in line:
        if character.isspace() and not quote:
            if word is not None:
                words.append(word)
            word, escaped = None, False
        elif escaped:
            word, escaped = word + character, False
        elif character == "\\":
            word, escaped = word or "", True
        elif quote:
            word, quote = (word, None) if character == quote else (word + character, quote)
        elif character in "'\"":
            word, quote = word or "", character
        elif character == "#":
            break
        else:
            word = (word or "") + character
    assert not quote, line
    return words + ([word] if word is not None else [])


# Takes a job as sbatch does, from standard input, and keeps it.
SBATCH = """cat > "$KEEP"
echo Submitted batch job 7"""


class SubmitTest(SlurmTest):
    def setUp(self):
        super().setUp()
        self.slurm = {"KEEP": self.path("kept")}
        self.stand_in("sbatch", SBATCH)
        self.stand_in("sinfo", "echo '2 8'; echo '2+ 4+'; echo '4 32'")
        self.write_job(make_job(sweep={"replicates": 6}))

    def submit(self, *arguments, status=0):
        return self.lockstep("submit", "job.yaml", *arguments, status=status)

    def printed(self, *arguments):
        return self.submit("--print", *arguments).stdout

    def options_of(self, script):
        """The options as sbatch reads them: from lines before the first command; the last one
        counts."""
        found = {}
        for line in script.splitlines():
            if line.startswith("#SBATCH "):
                words = directive_words(line[len("#SBATCH "):])
                name, _, value = words[0].removeprefix("--").partition("=")
                found[name] = " ".join([value, *words[1:]]) if value else " ".join(words[1:])
            elif line and not line.startswith("#"):
                break
        return found

    def test_submits(self):
        arguments = ("--nodes", "2", "--time", "1:00:00", "--set", "sweep.ranks_per_trial=2")
        done = self.submit(*arguments)
        self.assertEqual((done.stdout, done.stderr), ("Submitted batch job 7\n", ""))
        with open(self.path("kept"), encoding="utf-8") as file:
            script = file.read()
        self.assertEqual(script, self.printed(*arguments))
        options = self.options_of(script)
        for name, value in {"job-name": "small", "nodes": "2", "ntasks-per-node": "8",
                            "time": "01:00:00", "signal": "B:USR1@120", "requeue": "",
                            "open-mode": "append"}.items():
            self.assertEqual(options[name], value, name)
        self.assertRegex(options["mem-per-cpu"], r"\A\d+M\Z")
        self.assertNotIn("array", options)
        self.assertRegex(script, r"\n# 6 trials on 2 nodes with 8 ranks each; \d+ at a time, "
                                 r"\d+ ranks per trial")

    def test_same_layout_as_check(self):
        arguments = ("--set", "sweep.ranks_per_trial=4")
        script = self.printed("--nodes", "3", "--ranks-per-node", "5", *arguments)
        self.assertIn(" 3 nodes with 5 ranks each; 3 at a time, 4 ranks per trial, 3 ranks idle.",
                      script)
        said = self.lockstep("check", "job.yaml", "--ranks", "15", *arguments).stdout
        self.assertIn("\n15 ranks: 3 at a time, 4 ranks each, 3 ranks idle\n", said)

    def test_follows_advice(self):
        """Ranks per trial that the job leaves open are at most those that check advises, and other
        ranks are not requested."""
        self.write_job(make_job(sweep={"replicates": 2}, train={"batch_size": 512}))
        network = ("--nodes", "4", "--latency", "100ms")
        advice = self.lockstep("check", "job.yaml", "--ranks", "8", *network).stdout
        advised = int(re.search(r"advised: at most (\d+) ranks", advice)[1])
        self.assertLessEqual(advised, 8)  # those of one node
        done = self.submit("--print", *network)
        each = int(re.search(r" 2 at a time, (\d+) ranks per trial", done.stdout)[1])
        self.assertIn(f" --set sweep.ranks_per_trial={each}\n", done.stdout)
        self.assertLessEqual(each, 8)  # measured again
        options = self.options_of(done.stdout)
        used = int(options["nodes"]) * int(options["ntasks-per-node"])
        self.assertEqual(used, 2 * each)
        self.assertIn(f"submit: requests {used} of 32 ranks: with more than {each} per trial",
                      done.stderr)

        done = self.submit("--print", *network, "--set", "sweep.ranks_per_trial=16")
        self.assertEqual((self.options_of(done.stdout)["nodes"], done.stderr), ("4", ""))

    def test_time(self):
        """The limit follows from the estimate; the warning before a short limit is earlier in
        proportion, and the script allows for the restarts needed."""
        options = self.options_of(self.printed())
        self.assertEqual((options["time"], options["signal"]), ("00:10:00", "B:USR1@120"))
        options = self.options_of(self.printed("--time", "2"))
        self.assertEqual((options["time"], options["signal"]), ("00:02:00", "B:USR1@30"))
        self.assertEqual(self.options_of(self.printed("--time", "1-2"))["time"], "1-02:00:00")
        script = self.printed("--time", "10", "--set", "train.epochs=10000000")
        runs = int(re.search(r"in about (\d+) runs of at most 00:10:00", script)[1])
        self.assertGreater(runs, 10)
        self.assertIn(f"\nMAX_RESTARTS=${{MAX_RESTARTS:-{2 * runs}}}\n", script)

    def test_array(self):
        options = self.options_of(self.printed("--array", "4"))
        self.assertEqual(options["array"], "1-4")
        self.assertIn("\n# 4 jobs, each: 2 trials on 1 nodes", self.printed("--array", "4"))

    def test_further_options(self):
        options = self.options_of(self.printed("--sbatch=--partition=long", "--sbatch", "--qos=low"))
        self.assertEqual((options["partition"], options["qos"]), ("long", "low"))

    def test_blanks(self):
        """Blanks, quotes, backslashes and # reach sbatch as one word."""
        for text in ("two words", "it's", 'a "b" c', "a\\b c", "#5", "tail\\", "$(touch x)"):
            with self.subTest(text):
                options = self.options_of(self.printed(f"--sbatch=--comment={text}", "--sbatch",
                                                       f"--account {text}"))
                self.assertEqual(options["comment"], text)
                self.assertEqual(options["account"], text)
        self.assertEqual(self.options_of(self.printed("--set", "name=my job"))["job-name"],
                         "my job")

    def test_control_characters(self):
        """A line break would make what follows it a command of the script."""
        for what, arguments in {"--sbatch": ("--sbatch=--qos=low\ntouch x",),
                                "name": ("--set", 'name="a\\ntouch x"')}.items():
            with self.subTest(what):
                done = self.submit("--print", *arguments, status=2)
                self.assertEqual(done.stdout, "")
                self.assertRegex(done.stderr, rf"\Alockstep: [^\n]*{what}[^\n]*\n\Z")

    def test_words_reach_the_program(self):
        """The script passes each argument on unchanged; an `srun` that works without Slurm prints
        them."""
        self.stand_in("srun", """shift 3; printf '%s\\n' "$@" > words""")
        self.stand_in("scontrol", "true")
        odd = "title=it's \"a\" `b` \\\\c"
        self.submit("--set", odd, "-o", "my results.h5")
        subprocess.run(["bash", "kept"], check=True, stdout=subprocess.DEVNULL,
                       **{**self.options(), "env": {**self.options()["env"], "SLURM_JOB_ID": "7"}})
        with open(self.path("words"), encoding="utf-8") as file:
            words = file.read().splitlines()
        self.assertEqual(words[:-1], [common.LOCKSTEP, "run", "job.yaml", "--set", odd, "-o",
                                      "my results.h5"])
        self.assertRegex(words[-1], "--status=.*/lockstep-.{8}/status$")

    def test_refused(self):
        cases = {
            ("--nodes", "0"): "--nodes: '0' (expected an integer from 1",
            ("--time", "soon"): "--time: 'soon' (expected a minute or more",
            ("--time", "0:30"): "--time: '0:30' (expected a minute or more",
            ("--array", "7"): "--array: 7 slices of 6 trials (expected fewer)",
            ("--set", "train.sead=1"): "did you mean 'seed'?",
            ("--network", "pigeons"): "submit: --network: 'pigeons' (expected ethernet or infini",
            ("--noodes", "2"): "unknown option '--noodes' (did you mean '--nodes'?)",
        }
        for arguments, says in cases.items():
            with self.subTest(arguments):
                done = self.submit(*arguments, status=2)
                self.assertEqual(done.stdout, "")
                self.assertRegex(done.stderr, r"\Alockstep: [^\n]+\n\Z")
                self.assertIn(says, done.stderr)
        self.assertFalse(os.path.exists(self.path("kept")))

    def test_no_slurm(self):
        self.stand_in("sinfo", "exit 1")
        self.assertIn("(expected --ranks-per-node=N)", self.submit(status=2).stderr)
        self.stand_in("sbatch", "echo 'sbatch: error: invalid partition' >&2; exit 1")
        self.assertIn("lockstep: submit: sbatch did not take the job",
                      self.submit("--ranks-per-node", "2", status=1).stderr)
        os.remove(self.path("bin/sbatch"))
        if not shutil.which("sbatch"):
            self.assertIn("there is no sbatch here",
                          self.submit("--ranks-per-node", "2", status=1).stderr)


class ScriptsTest(unittest.TestCase):
    def test_alike(self):
        """The two scripts differ only in what concerns slices."""
        texts = []
        for name in ("train", "array"):
            with open(os.path.join(ROOT, "slurm", f"{name}.sbatch"), encoding="utf-8") as file:
                texts.append(file.read().replace("array.sbatch", "train.sbatch"))
        train = texts[0].split("\nset -u\n")[1].splitlines()
        array = texts[1].split("\nset -u\n")[1].splitlines()
        changed = [line for line in difflib.unified_diff(train, array, n=0)
                   if line.startswith("-") and not line.startswith("---")]
        self.assertEqual(changed, [
            "-job=$SLURM_JOB_ID",
            '-$launcher "$program" run "$@" --status="$left" &',
            '-*) exit "$status" ;; # 0 done; 1 or 2: a restart would not help'])


if __name__ == "__main__":
    common.main()
