"""Checks of figures: they are well-formed and not empty."""

import re
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


class Drawing:
    """The texts and the points of an SVG file, with their places in pixels."""

    def __init__(self, path):
        root = xml.etree.ElementTree.parse(path).getroot()
        self.width, self.height = (float(root.get(name)) for name in ("width", "height"))
        self.texts, self.points = [], []  # (text, x, y, anchor), (x, y, colour)
        self.collect(root, (0, 0), "start")

    def collect(self, node, place, anchor):
        moved = re.match(r"translate\(([-\d.]+),([-\d.]+)\)", node.get("transform") or "")
        place = tuple(float(number) for number in moved.groups()) if moved else place
        anchor = node.get("text-anchor") or anchor
        if node.tag.endswith("}text"):
            self.texts.append(("".join(node.itertext()).strip(), *place, anchor))
        elif node.tag.endswith("}use") and moved:
            self.points.append((*place, node.get("color")))
        for child in node:
            self.collect(child, place, anchor)

    def words(self):
        return [text for text, *_ in self.texts]

    def place(self, word):
        """Where a text is that occurs once."""
        places = [(x, y) for text, x, y, _ in self.texts if text == word]
        assert len(places) == 1, (word, places)
        return places[0]

    def tics(self, above):
        """Labels below the frame, from left to right: (label, x). `above`: the axis' title."""
        _, y = self.place(above)
        found = [(x, text) for text, x, at, anchor in self.texts
                 if anchor == "middle" and y - 30 < at < y - 5]
        return [(text, x) for x, text in sorted(found)]
