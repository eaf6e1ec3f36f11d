"""`lockstep data --idx` with files that are damaged, have wrong headers or do not fit together: one
message, no dataset, and no more memory than the files need."""

import gzip
import os
import struct
import zlib

import bad_input
import common
from bad_input import case, load_tests  # pylint: disable=unused-import

MEMORY = "ulimit -v 500000; exec %s"  # kB; a size in a header alone must not be allocated


def header(*extents, kind=8):
    return bytes([0, 0, kind, len(extents)]) + b"".join(struct.pack(">I", n) for n in extents)


IMAGES = header(4, 3, 2) + bytes(range(24))
LABELS = header(4) + bytes([0, 1, 2, 1])


def swapped(*extents):
    return bytes([len(extents), 8, 0, 0]) + b"".join(struct.pack("<I", n) for n in extents)


def zipped(content):
    return gzip.compress(content, mtime=0)


def bomb(content, zeros):
    """`content` followed by this number of zeros; compressed to about a thousandth of it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    parts = [packer.compress(content)]
    parts += [packer.compress(block) for _ in range(zeros >> 20)]
    return b"".join(parts) + packer.flush()


def changed(content, at, by):
    return content[:at] + bytes([content[at] ^ by]) + content[at:][1:]


def idx(name, says, images=IMAGES, labels=LABELS, more=(), files=None, **options):
    """Images and labels, one of which is invalid; `more` are the arguments for the test samples."""
    made = {"x": images, "y": labels, **(files or {})}
    return case(name, ["data", "--idx", "x", "y", *more, "-o", "new.h5"], says,
                files={file: made[file] for file in made if made[file] is not None}, shell=MEMORY,
                **options)


CONTENT = [
    idx("missing",
        "x: cannot open: No such file or directory", images=None),
    idx("labels_missing",
        "y: cannot open: No such file or directory", labels=None),
    idx("folder",
        "x: is a folder (expected an IDX file)", images=os.mkdir),
    idx("pipe",
        "x: is a FIFO (expected an IDX file)", images=os.mkfifo),
    idx("empty",
        "x: is empty (expected an IDX file)", images=b""),
    idx("empty_gzip",
        "x: is empty (expected an IDX file)", images=zipped(b"")),
    idx("three_bytes",
        "x: is only 3 bytes long (expected an IDX file)", images=IMAGES[:3]),
    idx("picture",
        "x: is not an IDX file: it begins with 89 50 4e 47 (expected 00 00 08 and the number of "
        "dimensions)", images=b"\x89PNG\r\n\x1a\n" + bytes(100)),
    idx("csv",
        "x: is not an IDX file: it begins with 35 2c 30 2c (expected 00 00 08 and the number of "
        "dimensions)", images="5,0,0,12\n" * 40),
    idx("hdf5",
        "x: is not an IDX file: it begins with 89 48 44 46 (expected 00 00 08 and the number of "
        "dimensions)", images=b"\x89HDF\r\n\x1a\n" + bytes(100)),
    idx("wrong_type", "x: holds 32-bit reals (expected unsigned bytes, type 08)",
        images=header(4, 3, 2, kind=0x0D) + bytes(96)),
    idx("unknown_type",
        "x: is not an IDX file: it begins with 00 00 07 03 (expected 00 00 08 and the number of "
        "dimensions)", images=header(4, 3, 2, kind=7) + bytes(24)),
    idx("swapped_bytes",
        "x: its header is in swapped byte order: it begins with 03 08 00 00 (expected "
        "big-endian: 00 00 08 03)", images=swapped(4, 3, 2) + bytes(24)),
    idx("exchanged",
        "x: has 1 dimensions (expected images: sample, height, width and maybe channel)",
        images=LABELS, labels=IMAGES),
    idx("twice_the_images",
        "y: has 3 dimensions (expected labels: one for each sample)", labels=IMAGES),
    idx("five_dimensions",
        "x: has 5 dimensions (expected images: sample, height, width and maybe channel)",
        images=header(1, 2, 2, 2, 2) + bytes(16)),
    idx("overflowing",
        "x: its header promises more than 16 GiB", images=header(*[0xFFFFFFFF] * 4) + bytes(24)),
    idx("more_than_memory",
        "x: ends after 24 bytes of data (expected 14400000000)", images=header(4, 60000,
                                                                               60000) + bytes(24)),
    idx("dimension_of_0",
        "x: dimension 2 has size 0 (expected at least 1)", images=header(4, 0, 2)),
    idx("cut_in_the_header",
        "x: ends within its header", images=IMAGES[:10]),
    idx("cut_in_the_data",
        "x: ends after 23 bytes of data (expected 24)", images=IMAGES[:-1]),
    idx("trailing_byte",
        "x: goes on after its 24 bytes of data", images=IMAGES + b"\0"),
    idx("labels_cut",
        "y: ends after 2 bytes of data (expected 4)", labels=LABELS[:-2]),
    idx("more_labels",
        "y: has 5 labels (expected 4: the images of x)", labels=header(5) + bytes(5)),
    idx("fewer_labels",
        "y: has 3 labels (expected 4: the images of x)", labels=header(3) + bytes(3)),
]

PACKED = [
    idx("gzip_cut",
        "x: cannot read: the gzip data are cut off", images=zipped(IMAGES)[:-12]),
    idx("gzip_without_checksum",
        "x: cannot read: the gzip data are cut off", images=zipped(IMAGES)[:-4]),
    idx("gzip_bad_checksum",
        "x: the gzip data are damaged (incorrect data check)", images=changed(zipped(IMAGES), -8,
                                                                              1)),
    idx("gzip_bad_data",
        "x: the gzip data are damaged (invalid distance too far back)",
        images=changed(zipped(IMAGES), 15, 0xFF)),
    idx("gzip_header_alone",
        "x: cannot read: the gzip data are cut off", images=zipped(IMAGES)[:10]),
    idx("gzip_trailing_rubbish", None, images=zipped(IMAGES) + b"rubbish", status=0,
        prints=r"new\.h5: 4 training and 0 test samples of 3 x 2 x 1, 3 classes\n",
        leaves=r"new\.h5"),  # as gzip has it: what is checked by the checksum is whole
    idx("gzip_twice",
        "x: is not an IDX file: it begins with 1f 8b 08 00 (expected 00 00 08 and the number of "
        "dimensions)", images=zipped(zipped(IMAGES))),
    idx("gzip_bomb_behind_the_data",
        "x: goes on after its 24 bytes of data", images=bomb(IMAGES, 800 << 20)),
    idx("gzip_bomb_as_promised",
        "x: out of memory for 536870912 bytes", images=bomb(header(800, 1024, 1024), 800 << 20),
        labels=header(800) + bytes(800), status=1),
]

TOGETHER = [
    idx("images_without_labels",
        "data: --idx: 3 files (expected images and labels, and maybe those for testing)",
        more=("x2",)),
    idx("other_size_for_testing",
        "new.h5: test images are 2 x 3 x 1 (expected 3 x 2 x 1 as for training)", more=("x2", "y2"),
        files={"x2": header(4, 2, 3) + bytes(24), "y2": LABELS}),
    idx("test_labels_missing",
        "y2: cannot open: No such file or directory", more=("x2", "y2"), files={"x2": IMAGES}),
    idx("older_file_is_kept",
        "new.h5: cannot open as HDF5: file signature not found (--force replaces it)",
        images=IMAGES[:-1], files={"new.h5": "a file of mine"}),
    idx("into_a_folder",
        "new.h5: is not a file", files={"new.h5": os.mkdir}),
]

IdxTest = bad_input.table("IdxTest", CONTENT)
GzipTest = bad_input.table("GzipTest", PACKED)
TogetherTest = bad_input.table("TogetherTest", TOGETHER)

if __name__ == "__main__":
    common.main()
