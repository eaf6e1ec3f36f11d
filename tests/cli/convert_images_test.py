"""lockstep data with folders of images, valid and invalid.

Usage: convert_images_test.py PATH_TO_LOCKSTEP. Needs no network."""

import base64
import os
import struct
import sys
import zlib

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from conversions import PngTest


# An RGB image of 8 x 16 pixels, (16 x, 30 y, 128) at column x and row y, written by libjpeg.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4R"
    "DgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"
    "FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAIABADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAA"
    "AAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAk"
    "M2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKT"
    "lJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QA"
    "HwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdh"
    "cRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hp"
    "anN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk"
    "5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDyLwn+y/8Ac/0T/wAdr2bwn+y/9z/RP/HaKK8/OeJMy1/eHznh"
    "txdm3ufvP6+8/9k=")


class ImageTest(PngTest):
    def test_classes(self):
        output = self.convert(self.path("photos"))
        self.assertIn("6 training and 0 test samples of 5 x 4 x 1, 3 classes", output)
        train = self.out()["train"]
        np.testing.assert_array_equal(train["x"][..., 0], self.grey[[0, 3, 1, 4, 2, 5]])
        np.testing.assert_array_equal(train["y"], [0, 0, 1, 1, 2, 2])
        self.assertEqual(list(train["y"].attrs["class_names"]), ["cat", "dog", "eel"])

    def test_kinds(self):
        """Palettes, transparency, 16 bits and colours."""
        colours = np.arange(5 * 4 * 3).reshape(5, 4, 3).astype(np.uint8)
        alpha = np.concatenate([colours, np.full((5, 4, 1), 9, np.uint8)], 2)
        palette = np.arange(60).astype(np.uint8)
        kinds = {
            "rgb": self.png(colours),
            "rgba": self.png(alpha),
            "deep": self.png(colours.astype(int) * 256 + 77, depth=16),
            "palette": self.png(np.arange(20).reshape(5, 4), kind=3, palette=palette.tobytes()),
        }
        for name, content in kinds.items():
            with self.subTest(name):
                self.store("photos/cat/0.png", content)
                self.convert(self.path("photos"))
                x = self.out()["train/x"][()]
                self.assertEqual(x.shape, (6, 5, 4, 3))
                np.testing.assert_array_equal(x[0], colours)
                np.testing.assert_array_equal(x[1], np.repeat(self.grey[3][..., None], 3, 2))
        self.convert(self.path("photos"), "--color-mode", "grayscale")
        expected = np.floor(colours @ [0.299, 0.587, 0.114] + 0.5)
        np.testing.assert_allclose(self.out()["train/x"][0, ..., 0], expected, atol=1)

    def test_jpeg(self):
        self.store("j/a/1.jpg", JPEG)
        self.store("j/b/1.JPEG", JPEG)
        self.convert(self.path("j"))
        x = self.out()["train/x"][0].astype(int)
        rows, columns = np.mgrid[:8, :16]
        np.testing.assert_allclose(x[..., 0], columns * 16, atol=20)
        np.testing.assert_allclose(x[..., 1], rows * 30, atol=20)
        np.testing.assert_allclose(x[..., 2], 128, atol=20)

    def test_resize(self):
        ramp = np.repeat(np.arange(12)[None] * 20, 6, 0)
        self.store("r/a/1.png", self.png(ramp))
        self.store("r/b/1.png", self.png(np.full((3, 3), 7)))
        self.convert(self.path("r"), "--resize", "3x6")
        x = self.out()["train/x"][()]
        self.assertEqual(x.shape, (2, 3, 6, 1))
        np.testing.assert_array_equal(x[1], 7)
        middle = (np.arange(6) * 2 + 0.5) * 20
        np.testing.assert_allclose(x[0, 1, 1:-1, 0], middle[1:-1], atol=1)
        self.convert(self.path("r"), "--resize", "6x6", "--crop")
        np.testing.assert_array_equal(self.out()["train/x"][0, ..., 0], ramp[:, 3:9])

    def test_test_folder(self):
        self.store("later/dog/1.png", self.png(self.grey[0]))
        self.convert(self.path("photos"), "--test", self.path("later"))
        np.testing.assert_array_equal(self.out()["test/y"], [1])
        self.store("later/fox/1.png", self.png(self.grey[0]))
        self.refuse(self.path("photos"), "--test", self.path("later"),
                    says="later/fox/1.png: column y: 'fox' (expected cat, dog or")

    def test_refused(self):
        good = self.png(self.grey[0])
        damaged = bytearray(good)
        damaged[-20] ^= 255
        bomb = bytearray(good)
        bomb[16:24] = struct.pack(">II", 100000, 100000)
        bomb[29:33] = struct.pack(">I", zlib.crc32(bytes(bomb[12:29])))
        cases = {
            "dog/1.png: the image is damaged": bytes(damaged),
            "dog/1.png: the image is damaged: Read Error": good[:-30],
            "dog/1.png: has 100000 x 100000 pixels (expected up to": bytes(bomb),
            "dog/1.png: has 4 x 4 pixels (expected 5 x 4 as in": self.png(self.grey[0][1:]),
            "dog/1.png: is no image (expected PNG or JPEG)": b"GIF89a",
            "dog/1.png: the image is damaged: Premature end": JPEG[:-90],
        }
        for says, content in cases.items():
            with self.subTest(says):
                self.store("photos/dog/1.png", content)
                options = ("--resize", "5x4") if "Premature" in says else ()
                self.refuse(self.path("photos"), *options, says=says)
        self.store("photos/dog/1.png", good)
        os.mkdir(self.path("photos/owl"))
        self.refuse(self.path("photos"), says="photos/owl: has no images (expected those of the")
        self.store("photos/owl/list.txt", "owls")
        self.refuse(self.path("photos"), says="owl/list.txt: is no image (expected .png")


if __name__ == "__main__":
    common.main()
