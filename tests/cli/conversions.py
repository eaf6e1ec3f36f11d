"""Shared by the tests of `lockstep data FILE`: files to convert, and what is refused."""

import gzip
import os
import struct
import sys
import zlib

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common

SPECIES = ["setosa", "versicolor", "virginica"]


class ConvertTest(common.ProgramTest):
    def store(self, name, content):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(content, str):
            content = content.encode()
        with (gzip.open if name.endswith(".gz") else open)(path, "wb") as file:
            file.write(content)
        return path

    def convert(self, *arguments):
        """Standard output."""
        return self.lockstep("data", *arguments, "-o", "out.h5", "--force").stdout

    def refuse(self, *arguments, says, status=2):
        result = self.lockstep("data", *arguments, "-o", "bad.h5", status=status)
        self.assertRegex(result.stderr, r"\Alockstep: [^\n]+\n\Z")
        self.assertIn(says, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertFalse([name for name in os.listdir(self.folder) if name.startswith("bad.h5")])

    def out(self):
        file = h5py.File(self.path("out.h5"))
        self.addCleanup(file.close)
        return file


class PngTest(ConvertTest):
    """Base of tests with images."""

    def png(self, pixels, kind=None, depth=8, palette=b""):
        """Pixels [height, width] or [height, width, channel] as a PNG file."""
        pixels = np.asarray(pixels, ">u2" if depth == 16 else np.uint8)
        channels = 1 if pixels.ndim == 2 else pixels.shape[2]
        kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels] if kind is None else kind

        def chunk(name, data):
            return (struct.pack(">I", len(data)) + name + data +
                    struct.pack(">I", zlib.crc32(name + data)))

        header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], depth, kind, 0, 0, 0)
        rows = b"".join(b"\0" + row.tobytes() for row in pixels)
        return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
                (chunk(b"PLTE", palette) if palette else b"") +
                chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))

    def setUp(self):
        super().setUp()
        self.grey = np.random.default_rng(1).integers(0, 256, (6, 5, 4)).astype(np.uint8)
        for i, pixels in enumerate(self.grey):
            self.store(f"photos/{['cat', 'dog', 'eel'][i % 3]}/{i}.png", self.png(pixels))
        self.store("photos/.hidden", "")
