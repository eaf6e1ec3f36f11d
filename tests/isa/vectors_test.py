"""Loops over the elements of an activation or a loss compile to vector instructions. The flags
decide it: where comparisons of floating-point numbers may trap, GCC keeps their branches.

usage: vectors_test.py FOLDER_OF_THE_BUILD"""
import json
import pathlib
import re
import shlex
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "src" / "nn"
FOR_LOOP = re.compile(r"^\s*for \(size_t i = 0; i < (rows \* width|count|n); i\+\+\)")


def compile_command(source):
    """The build's, which reports vector loops and writes nothing."""
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    command, = (each["command"] for each in commands
                if each["file"] == str(source) and "ls_nn_objects" in each["command"])
    words = shlex.split(command)
    words[words.index("-o") + 1] = "/dev/null"
    return [*words, "-fopt-info-vec-optimized"]


def vector_loops(source):
    """The numbers of lines whose loops are vectorized."""
    said = subprocess.run(compile_command(source), check=True, text=True, cwd=BUILD,
                          stderr=subprocess.PIPE).stderr
    return {int(line) for line in re.findall(
        rf"{source.name}:(\d+):\d+: optimized: loop vectorized", said)}


class VectorsTest(unittest.TestCase):
    def test_loops(self):
        loops = 0
        for source in sorted([*SOURCE.glob("activations/*.c"), SOURCE / "losses/mean_error.c",
                              SOURCE / "losses/huber.c", SOURCE / "losses/quantile.c"]):
            found = {number for number, line in enumerate(source.read_text().splitlines(), 1)
                     if FOR_LOOP.match(line)}
            self.assertLessEqual(found, vector_loops(source), source.name)
            loops += len(found)
        self.assertGreater(loops, 20)


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
