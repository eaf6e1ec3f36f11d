"""The shared library exports what the public headers declare, and nothing else."""
import pathlib
import re
import subprocess
import sys

library = sys.argv[1]
headers = pathlib.Path(__file__).parents[2] / "include/lockstep"


def exported():
    """Names that the library defines for other programs."""
    out = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", library],
                         check=True, capture_output=True, text=True).stdout
    return {line.split()[0] for line in out.splitlines()}


def declared():
    """Names of the functions and variables in the headers, without those that are inline."""
    names = set()
    for header in headers.glob("*.h"):
        text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
        text = re.sub(r"^#(.*\\\n)*.*\n", "", text, flags=re.M)
        text = re.sub(r"\{[^{}]*\}", "{}", re.sub(r"\{[^{}]*\}", "{}", text))
        for statement in text.split(";"):
            if re.search(r"\b(typedef|inline|enum)\b", statement):
                continue
            function = re.search(r"\b(ls_\w+)\(", statement)
            variables = re.search(r"\bextern ls_\w+ (.*)", statement, re.S)
            if function:
                names.add(function.group(1))
            elif variables:
                names.update(re.findall(r"\w+", variables.group(1)))
    return names


ours, theirs = exported(), declared()
wrong = [f"{name}: exported, but in no public header" for name in sorted(ours - theirs)]
wrong += [f"{name}: in a public header, but not exported" for name in sorted(theirs - ours)]
wrong += [f"{name}: does not begin with ls_" for name in sorted(ours) if not name.startswith("ls_")]
if not ours:
    wrong.append("the library exports nothing")
print("\n".join(wrong) or f"{len(ours)} symbols")
sys.exit(bool(wrong))
