"""Which sources call MPI: comm/, where every call is checked and its error agreed on; h5/, which opens
files on a communicator; and the program's start."""

import pathlib
import re
import sys
import unittest

SOURCES = pathlib.Path(__file__).parents[2] / "src"
ALLOWED = {"comm": r"MPI_\w+", "h5": r"MPI_(Comm_rank|Allreduce)",
           "cli/program.c": r"MPI_(Init_thread|Finalize)"}
COMMENT = re.compile(r"/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"", re.S)
CALL = re.compile(r"\bP?(MPI_[A-Z]\w*)\s*\(")


def calls(path):
    return set(CALL.findall(COMMENT.sub("", path.read_text(encoding="utf-8"))))


class MpiCallsTest(unittest.TestCase):
    def test_calls(self):
        self.assertIn("MPI_Bcast", calls(SOURCES / "comm/group.c"))
        for path in sorted(SOURCES.rglob("*.[ch]")):
            name = str(path.relative_to(SOURCES))
            allowed = ALLOWED.get(name, ALLOWED.get(name.split("/")[0], "none"))
            for call in calls(path):
                self.assertRegex(call, rf"\A{allowed}\Z", f"src/{name} calls {call}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
