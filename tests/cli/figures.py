"""Checks of figures: they are well-formed and not empty."""

import struct
import xml.etree.ElementTree
import zlib


def pixels(path):
    """The size of a PNG with 8-bit colours, and its rows as stored."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    at, packed, size = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        content = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            size = struct.unpack(">II", content[:8])
        packed += content if kind == b"IDAT" else b""
        at += length + 12
    return size, zlib.decompress(packed)


def check(test, path, *texts):
    """PATH.svg is XML with these texts; PATH.png is twice its size and has more than one colour."""
    root = xml.etree.ElementTree.parse(path + ".svg").getroot()
    test.assertTrue(root.tag.endswith("svg"))
    found = {"".join(item.itertext()).strip() for item in root.iter() if item.tag.endswith("text")}
    for text in texts:
        test.assertIn(text, found)
    size, rows = pixels(path + ".png")
    test.assertEqual(size, tuple(2 * int(root.get(name)) for name in ("width", "height")))
    test.assertGreater(len(set(rows)), 20)
