"""Hostile files that are not HDF5: job files, IDX files, figures, status files, and things that are no
files."""

import gzip
import json
import os
import struct

# ---- Job files -----------------------------------------------------------------------------------

JOB = """name: hostile
dataset: {file: data.h5}
model: [flatten, {dense: {units: 3, activation: softmax}}]
train: {epochs: 1, loss: categorical_crossentropy}
"""


def replaced(old, new):
    assert old in JOB
    return JOB.replace(old, new)


def jobs():
    """Pairs of a name and the content of a job file."""
    yield "empty", b""
    yield "zero", JOB.encode() + b"\0"
    yield "zeros", bytes(1000)
    yield "damaged_utf8", JOB.encode().replace(b"hostile", b"h\xff\xc3")
    yield "utf16", JOB.encode("utf-16")
    yield "binary", bytes(range(256)) * 20
    yield "deep_lists", b"[" * 50000
    yield "deep_mappings", b"{a: " * 50000
    yield "deep_blocks", "".join(" " * k + "a:\n" for k in range(2000)).encode()
    yield "bomb", ("a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{b}: &{b} [" + ", ".join(9 * [f"*{a}"]) + "]\n"
        for a, b in zip("abcdefgh", "bcdefghi"))).encode()
    yield "alias_of_itself", b"name: &a [*a]\n"
    yield "long_line", ("name: " + 3000000 * "x").encode()
    yield "long_key", (1000000 * "k" + ": 1\n").encode()
    yield "many_keys", "".join(f"k{i}: 1\n" for i in range(50000)).encode()
    yield "tag", b"!!python/object/apply:os.system ['touch PWNED']\n"
    yield "merge", b"<<: {name: x}\n" + JOB.encode()
    yield "documents", (3 * ("---\n" + JOB)).encode()
    yield "directive", b"%YAML 9.9\n---\n" + JOB.encode()
    for i, name in enumerate(["../../outside", "/etc/passwd", "a\\nb", "-rf", "x.h5", "~", "$HOME",
                              "`touch PWNED`", "\\e[2J", "CON" * 50, ".", ""]):
        yield f"name_{i}", replaced("hostile", f'"{name}"').encode()
    for i, number in enumerate(["-1", "0", "1e18", "9223372036854775807", "18446744073709551616",
                                ".nan", ".inf", "0x10", "1_000", "'3'", "[]", "$x", "3.5"]):
        yield f"units_{i}", replaced("units: 3", f"units: {number}").encode()
        yield f"epochs_{i}", replaced("epochs: 1", f"epochs: {number}").encode()
    for i, value in enumerate(["/dev/zero", "/dev/stdin", "pipe", ".", "/proc/self/mem",
                               "data.h5/x", "\\x00", "http://localhost:1/x.h5", "loop.h5"]):
        yield f"file_{i}", replaced("data.h5", f'"{value}"').encode()
    yield "sweep", (JOB + "sweep: {x: {range: [0, 1], count: 1000000000}, "
                    "y: {range: [0, 1], count: 1000000000}, replicates: 1000000}\n").encode()
    yield "layers", replaced("[flatten,", "[flatten," + 3000 * "{dense: 1},").encode()


# ---- IDX files -----------------------------------------------------------------------------------


def idx(kind, extents, content, zeros=0):
    return struct.pack(f">HBB{len(extents)}I", zeros, kind, len(extents), *extents) + content


def idx_files():
    """Pairs of a name and the content of a file of images."""
    good = idx(8, (4, 2, 2), bytes(16))
    yield "good", good
    for length in (0, 1, 3, 4, 8, 15, 16, 17, 31):
        yield f"truncated_{length}", good[:length]
    yield "longer", good + b"\0"
    yield "magic", idx(8, (4, 2, 2), bytes(16), zeros=1)
    for kind in (0, 9, 11, 12, 13, 14, 255):
        yield f"kind_{kind}", idx(kind, (4, 2, 2), bytes(16))
    for i, extents in enumerate([(), (4,), (0, 2, 2), (4, 0, 2), (2**32 - 1, 2**32 - 1, 2**32 - 1),
                                 (2**31, 2, 2), (4, 2**16, 2**16), (1,) * 255, (5, 2, 2)]):
        yield f"extents_{i}", idx(8, extents, bytes(16))
    yield "gzip_truncated", gzip.compress(good, mtime=0)[:-9]
    yield "gzip_damaged", gzip.compress(good, mtime=0).replace(b"\x03", b"\x44", 1)[:20]
    yield "gzip_bomb", gzip.compress(gzip.compress(bytes(1 << 26), mtime=0), mtime=0)
    yield "gzip_longer", gzip.compress(good + bytes(1 << 24), mtime=0)
    yield "gzip_twice", 2 * gzip.compress(good, mtime=0)


# ---- Figures -------------------------------------------------------------------------------------


def figures(outside):
    """Pairs of the name of a figure, as a file of an analysis has it, and its content, if any."""
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'>%s</svg>"
    for name in ("../outside.svg", outside, "/dev/zero", "pipe", ".", "..", "", "\n", "loop.svg",
                 "a/b.svg", "x" * 300, "\033[2J.svg"):
        yield name, None
    for i, inner in enumerate([
            b"<script>alert(1)</script>", b"<g onload='x'/>", b"<image href='/etc/passwd'/>",
            b"<use href='http://localhost:1/#a'/>", b"<g" * 5000, b"<g>" * 5000,
            b"<!DOCTYPE x [<!ENTITY a SYSTEM '/etc/passwd'>]>&a;", b"<!--" * 100, b"\xff\0\xfe",
            b"<g a=", b"<" + b"a" * 100000 + b"/>", b"<style>*{}</style>"]):
        yield f"figure_{i}.svg", svg % inner
    yield "nothing.svg", b""
    yield "unclosed.svg", b"<svg"


# ---- Status files of running jobs ----------------------------------------------------------------

EVIL = "\033[2J\r\nFORGED\u202e<script>alert(1)</script>\"'&"
TRIAL = {"trial": 1, "name": EVIL, "epoch": 1, "epochs": 2, "epoch_done": 0.5, "loss": 0.5,
         "metric": 0.5, "headline": 0.5, "samples_per_second": 10, "seconds_left": 20}
RANK = {"rank": 0, "activity": EVIL, "waiting": True, "trial": 1, "epoch": 1, "step": 1,
        "idle_seconds": 100}
NODE = {"host": EVIL, "age_seconds": 0, "ranks": [RANK]}
STATUS = {"format": 1, "title": EVIL, "host": EVIL, "process": 1, "process_start": 1, "ranks": 2,
          "metric": "accuracy", "headline": "val_accuracy", "trials": 4, "finished": 0,
          "fraction": 0.25, "elapsed_seconds": 10, "seconds_left": 5, "running": [TRIAL],
          "updated": 1.8e9, "interval_seconds": 2, "nodes": [NODE], "ended": False}
VALUES = [None, True, -1, 0, 2**63 - 1, 1e308, -1e308, 10**400, "", EVIL, "x" * 100000, "\udc80", [],
          {}, [[]], [1], [None, {}], "../../outside", "provenance", "status"]


def status_files():
    """Pairs of a name and the content of a status file."""
    whole = json.dumps(STATUS).encode()
    yield "good", whole
    yield "empty", b""
    for length in (1, len(whole) // 2, len(whole) - 1):
        yield f"truncated_{length}", whole[:length]
    yield "longer", whole + b"}"
    yield "damaged_utf8", whole.replace(b"FORGED", b"\xff\xc3\0")
    yield "twice", whole[:-1] + b"," + whole[1:]
    yield "deep", b'{"running": ' + b"[" * 100000
    yield "no_mapping", b"[" + whole + b"]"
    yield "nan", whole.replace(b"0.25", b"NaN")
    yield "many_trials", json.dumps({**STATUS, "running": 20000 * [TRIAL]}).encode()
    yield "many_ranks", json.dumps({**STATUS, "nodes": [{**NODE, "ranks": 2000 * [RANK]}]}).encode()
    for member in STATUS:
        yield f"no_{member}", json.dumps({k: v for k, v in STATUS.items() if k != member}).encode()
    places = ([(STATUS, name, lambda new: new) for name in STATUS] +
              [(TRIAL, name, lambda new: {**STATUS, "running": [new]}) for name in TRIAL] +
              [(NODE, name, lambda new: {**STATUS, "nodes": [new]}) for name in NODE] +
              [(RANK, name, lambda new: {**STATUS, "nodes": [{**NODE, "ranks": [new]}]})
               for name in RANK])
    for i, (parent, name, whole_of) in enumerate(places):  # some of the values at each place
        for k in range(4):
            value = VALUES[(7 * i + 5 * k) % len(VALUES)]
            yield f"{name}_{i}_{k}", json.dumps(whole_of({**parent, name: value})).encode()


# ---- Things that are no files --------------------------------------------------------------------


def make_special(folder):
    """Makes pipes, links that loop or lead to devices, and a folder that contains itself."""
    os.mkfifo(os.path.join(folder, "pipe"))
    os.symlink("loop.h5", os.path.join(folder, "loop.h5"))
    os.symlink("loop.svg", os.path.join(folder, "loop.svg"))
    os.symlink("/dev/zero", os.path.join(folder, "zero.h5"))
    os.symlink("/dev/null", os.path.join(folder, "null.h5"))
    os.mkdir(os.path.join(folder, "folder.h5"))
    os.symlink("nowhere", os.path.join(folder, "dangling.h5"))


SPECIAL = ["pipe", "loop.h5", "zero.h5", "null.h5", "folder.h5", "dangling.h5", "/dev/full",
           "/proc/self/maps", "/dev/tty", "missing.h5", "data.h5/x"]
