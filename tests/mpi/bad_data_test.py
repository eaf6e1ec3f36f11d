"""Datasets that are damaged, inconsistent or too small, and a dataset that only one rank cannot
read: one message, and no results file of a job that did not start."""

import os

import socket
import zlib

import h5py
import numpy as np

import bad_input
import common
from bad_input import case, job, load_tests  # pylint: disable=unused-import

SAMPLES = 20


def dataset(change=None, size=(4, 4, 1), samples=SAMPLES):
    """Returns a function that writes a dataset of three classes to a path and then applies a
    change."""
    def make(path):
        with h5py.File(path, "w") as file:
            for part, count in (("train", samples), ("test", 6)):
                file[f"{part}/x"] = np.zeros((count, *size), np.uint8)
                file[f"{part}/y"] = (np.arange(count) % 3).astype(np.uint8)
                file[f"{part}/y"].attrs["class_count"] = 3
            if change:
                change(file)
    return make


def put(name, values, **attributes):
    """A change: replaces an array."""
    def change(file):
        if name in file:
            attributes.update({k: v for k, v in file[name].attrs.items() if k not in attributes})
            del file[name]
        file[name] = values
        for key, value in attributes.items():
            file[name].attrs[key] = value
    return change


def remove(name):
    def change(file):
        del file[name]
    return change


def link(target):
    """The inputs are behind a link of HDF5."""
    def change(file):
        del file["train/x"]
        file["train/x"] = target
    return change


def link_on_the_way(file):
    """A soft link, beyond which the path leaves the file."""
    del file["train/x"]
    file["elsewhere"] = h5py.ExternalLink("gone.h5", "/")
    file["train/x"] = h5py.SoftLink("/elsewhere/x")


def virtual(source, name="x", mapped=SAMPLES):
    """The inputs are those of another file, or of the same one."""
    def change(file):
        shape = file["train/x"].shape
        layout = h5py.VirtualLayout(shape, np.uint8)
        layout[:mapped] = h5py.VirtualSource(source, name, (mapped, *shape[1:]))
        del file["train/x"]
        file.create_virtual_dataset("train/x", layout)
    return change


def source(samples=SAMPLES):
    """A file with inputs, for a virtual dataset."""
    def make(path):
        with h5py.File(path, "w") as file:
            file["x"] = np.ones((samples, 4, 4, 1), np.uint8)
    return make


def external(file):
    """The inputs are in a raw file."""
    shape = file["train/x"].shape
    del file["train/x"]
    with open(file.filename + ".raw", "wb") as raw:
        raw.write(bytes(int(np.prod(shape))))
    file.create_dataset("train/x", shape, np.uint8,
                        external=[(os.path.basename(raw.name), 0, int(np.prod(shape)))])


def filtered(file):
    """LZF is a filter of h5py's, which HDF5 lacks."""
    x = file["train/x"][:]
    del file["train/x"]
    file.create_dataset("train/x", data=x, chunks=(1, *x.shape[1:]), compression="lzf")


def chunk_of(length):
    """The second chunk of the inputs has another length than its shape."""
    def change(file):
        x = file["train/x"][:]
        del file["train/x"]
        new = file.create_dataset("train/x", data=x, chunks=(1, *x.shape[1:]))
        new.id.write_direct_chunk((1, 0, 0, 0), bytes(length))
        new.id.write_direct_chunk((2, 0, 0, 0), bytes(2 * 16 - length))  # the sum is that of two
    return change


def compressed_chunk(length, skipped=False):
    """The second chunk of the inputs becomes too short or too long when it is decompressed."""
    def change(file):
        x = file["train/x"][:]
        del file["train/x"]
        new = file.create_dataset("train/x", data=x, chunks=(1, *x.shape[1:]), compression="gzip")
        data = bytes(length)
        new.id.write_direct_chunk((1, 0, 0, 0), data if skipped else zlib.compress(data),
                                  filter_mask=int(skipped))
    return change


def scaled(file):
    x = file["train/x"][:]
    del file["train/x"]
    file.create_dataset("train/x", data=x, chunks=(1, *x.shape[1:]), scaleoffset=0)


def huge(compressed):
    """A shape for which the file has no room."""
    def change(file):
        del file["train/x"]
        shape = (2**31 - 1, 100, 100, 100)
        if not compressed:
            type_ = h5py.h5t.NATIVE_UINT8
            layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            layout.set_chunk(shape[:1] + (1, 1, 1))
            layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
            h5py.h5d.create(file["train"].id, b"x", type_, h5py.h5s.create_simple(shape),
                            layout).write_direct_chunk((0, 0, 0, 0), bytes(16))
        else:
            x = file.create_dataset("train/x", (2**16, 2**14), np.uint8, chunks=(2**16, 2**14),
                                    compression="gzip")
            x.id.write_direct_chunk((0, 0), zlib.compress(bytes(100)))
    return change


def unwritten(chunks, written=0):
    """The inputs have no data behind the first samples."""
    def change(file):
        shape = file["train/x"].shape
        del file["train/x"]
        x = file.create_dataset("train/x", shape, np.uint8, chunks=chunks and (1, *shape[1:]))
        if written:
            x[:written] = 1
    return change


def both(*changes):
    def change(file):
        for one in changes:
            one(file)
    return change


def note(name, key, value):
    """A change of an attribute; None removes it."""
    def change(file):
        if value is None:
            del file[name].attrs[key]
        else:
            file[name].attrs[key] = value
    return change


def cut(share):
    """The file without its end."""
    def make(path):
        dataset(samples=2000)(path)
        os.truncate(path, int(os.path.getsize(path) * share))
    return make


def few(*changes):
    return job(("digits.h5", "bad.h5"), ("units: 10", "units: 3"), *changes)


EXTERNAL = ("--set", "dataset.allow_external=true")


def refused(name, content, says, *options, text=None, sources=(), **more):
    """`lockstep run` on a dataset written by `content`, or with these bytes."""
    files = {"job.yaml": text or few(), **dict(sources)}
    if content is not None:
        files["bad.h5"] = content
    return case(name, ("run", "job.yaml", *options), says, files=files, **more)


def pixels(at, value):
    x = np.zeros((SAMPLES, 4, 4, 1), np.float32)
    x[at, 1, 2, 0] = value
    return both(put("train/x", x), put("test/x", x[:6] * 0))


def labels(*values):
    y = np.arange(SAMPLES, dtype=np.int32) % 3
    for at, value in values:
        y[at] = value
    return put("train/y", y)


FILES = [
    refused("missing", None,
            "job.yaml:2: dataset.file: cannot open 'bad.h5': No such file or directory"),
    refused("folder", os.mkdir,
            "bad.h5: is a folder (expected an HDF5 file)"),
    refused("empty", b"",
            "bad.h5: cannot open as HDF5: file signature not found"),
    refused("text", "x,y\n1,2\n" * 500,
            "bad.h5: cannot open as HDF5: file signature not found"),
    refused("cut_in_half", cut(0.5),
            "bad.h5: cannot open as HDF5: truncated file: eof = 20123, sblock->base_addr = 0, "
            "stored_eof = 40246"),
    refused("cut_by_a_byte", cut(0.9999),
            "bad.h5: cannot open as HDF5: truncated file: eof = 40241, sblock->base_addr = 0, "
            "stored_eof = 40246"),
    refused("pointing_nowhere", lambda path: os.symlink("gone.h5", path),
            "job.yaml:2: dataset.file: cannot open 'bad.h5': No such file or directory"),
    refused("no_training_part", dataset(remove("train")),
            "job.yaml:2: dataset.validation: leaves 0 training and 6 validation samples (expected at "
            "least 1 of each, of the 0 and 6 in bad.h5)"),
    refused("no_parts", dataset(lambda file: file.clear()),
            "bad.h5: is not a dataset: it has neither /train/x nor /test/x"),
    refused("no_inputs", dataset(remove("train/x")),
            "bad.h5: /train/x: cannot open the dataset: object 'x' doesn't exist"),
    refused("no_labels", dataset(remove("train/y")),
            "bad.h5: /train/y: cannot open the dataset: object 'y' doesn't exist"),
    refused("no_test_part", dataset(remove("test")),
            "job.yaml:2: dataset.validation: leaves 20 training and 0 validation samples (expected at "
            "least 1 of each, of the 20 and 0 in bad.h5)"),
    refused("no_test_labels", dataset(remove("test/y")),
            "bad.h5: /test/y: is missing (expected the targets that /train has)"),
    refused("fifo", os.mkfifo, "bad.h5: is a FIFO (expected an HDF5 file)"),
    refused("device", lambda path: os.symlink("/dev/zero", path),
            "bad.h5: is a device (expected an HDF5 file)"),
    refused("link_to_another_file", dataset(link(h5py.ExternalLink("gone.h5", "x"))),
            "bad.h5: /train/x: is a link to x in another file, gone.h5 (expected data in this "
            "file)"),
    refused("link_through_another_file", dataset(link_on_the_way),
            "bad.h5: /train/x: is a link to / in another file, gone.h5 (expected data in this file)"),
    refused("link_to_itself", dataset(link(h5py.SoftLink("/train/x"))),
            "bad.h5: /train/x: cannot open the dataset: too many links"),
    refused("external_file", dataset(external),
            "bad.h5: /train/x: has its data in another file, bad.h5.raw (expected data in this "
            "file)"),
    refused("filter", dataset(filtered),
            "bad.h5: /train/x: has the filter 32000, lzf (expected shuffle, gzip and fletcher32)"),
    refused("short_chunk", dataset(chunk_of(3)),
            "bad.h5: /train/x: has chunks of another length than their shape"),
    refused("long_chunk", dataset(chunk_of(20)),
            "bad.h5: /train/x: has chunks of another length than their shape"),
    refused("short_compressed_chunk", dataset(compressed_chunk(3)),
            "bad.h5: /train/x: has chunks of another length than their shape"),
    refused("long_compressed_chunk", dataset(compressed_chunk(20)),
            "bad.h5: /train/x: has chunks of another length than their shape"),
    refused("short_chunk_that_skips_its_filter", dataset(compressed_chunk(3, skipped=True)),
            "bad.h5: /train/x: has chunks of another length than their shape"),
    refused("scaled", dataset(scaled),
            "bad.h5: /train/x: has the filter 6, scaleoffset (expected shuffle, gzip and "
            "fletcher32)"),
    refused("chunks_of_no_size", dataset(huge(compressed=False)),
            "bad.h5: /train/x: parts of it were never written (HDF5 would read zeros)"),
    refused("size_beyond_compression", dataset(huge(compressed=True)),
            "bad.h5: /train/x: is larger than its data in the file"),
    refused("virtual", dataset(virtual("source.h5")),
            "bad.h5: /train/x: is a virtual dataset over source.h5 (expected data in this file, or "
            "for the dataset of a job dataset: {allow_external: true})"),
    refused("virtual_without_source", dataset(virtual("gone.h5")),
            "bad.h5: /train/x: its source cannot be read: gone.h5: cannot open: No such file or "
            "directory", *EXTERNAL),
    refused("virtual_of_itself", dataset(virtual(".", "train/x")),
            "bad.h5: /train/x: is a virtual dataset over its own file (expected other files)",
            *EXTERNAL),
    refused("virtual_of_its_own_file", dataset(virtual("bad.h5", "train/x")),
            "bad.h5: /train/x: its source cannot be read: bad.h5: /train/x: is a virtual dataset "
            "over bad.h5 (expected data in this file, or for the dataset of a job dataset: "
            "{allow_external: true})", *EXTERNAL),
    refused("virtual_with_a_gap", dataset(virtual("source.h5", mapped=SAMPLES - 1)),
            "bad.h5: /train/x: parts of it have no source (HDF5 would read zeros)", *EXTERNAL,
            sources={"source.h5": source(SAMPLES - 1)}),
    refused("virtual_beyond_its_source", dataset(virtual("source.h5")),
            "bad.h5: /train/x: its data is incomplete: source of a virtual dataset source.h5 (HDF5 "
            "would read zeros)", *EXTERNAL, sources={"source.h5": source(SAMPLES - 1)}),
    refused("never_written", dataset(unwritten(None)),
            "bad.h5: /train/x: was never written (HDF5 would read zeros)"),
    refused("partly_written", dataset(unwritten(True, 5)),
            "bad.h5: /train/x: parts of it were never written (HDF5 would read zeros)"),
]

VALUES = [
    refused("doubles_in_one_part", dataset(put("train/x", np.zeros((SAMPLES, 4, 4, 1)))),
            "bad.h5: /test/x: is uint8 [6, 4, 4, 1] (expected samples like those of /train/x, which "
            "is float64 [20, 4, 4, 1])"),
    refused("texts", dataset(put("train/x", np.full((SAMPLES, 2), b"0"))),
            "bad.h5: /train/x: is text [20, 2] (expected numbers [sample, ...] of 2 to 5 "
            "dimensions)"),
    refused("list_of_numbers", dataset(put("train/x", np.zeros(SAMPLES, np.uint8))),
            "bad.h5: /train/x: is uint8 [20] (expected numbers [sample, ...] of 2 to 5 dimensions)"),
    refused("no_pixels", dataset(size=(4, 0, 1)),
            "bad.h5: /train/x: is uint8 [20, 4, 0, 1] (expected samples that are neither empty nor "
            "too large)"),
    refused("no_samples", dataset(samples=0),
            "bad.h5: /train/x: is uint8 [0, 4, 4, 1] (expected 1 to 2147483647 samples)"),
    refused("fewer_labels", dataset(put("train/y", np.zeros(SAMPLES - 1, np.uint8))),
            "bad.h5: /train/y: has 19 labels for 20 samples"),
    refused("labels_of_other_form", dataset(put("train/y", np.eye(3, dtype=np.uint8)[[0, 1] * 10])),
            "bad.h5: /test/y: is uint8 [6] (expected samples like those of /train/y, which is uint8 "
            "[20, 3])"),
    refused("labels_of_three_dimensions", dataset(put("train/y", np.zeros((SAMPLES, 2, 3)))),
            "bad.h5: /train/y: is float64 [20, 2, 3] (expected integer class labels [sample], "
            "one-hot labels [sample, class], or values [sample] or [sample, value])"),
    refused("one_hot_of_other_classes", dataset(put("train/y", np.eye(4)[[0, 1] * 10],
                                                    class_count=3)),
            "bad.h5: /train/y: has 3 classes, but one-hot labels of 4"),
    refused("negative_without_number_of_classes",
            dataset(both(labels((2, -1)), note("train/y", "class_count", None))),
            "bad.h5: /train/y: sample 2 has label -1 (expected 0 to 999999)"),
    refused("classes_of_nan", dataset(note("train/y", "class_count", np.nan)),
            "bad.h5: /train/y: has nan classes (expected an integer from 1 to 1000000)"),
    refused("scale_of_0", dataset(note("train/x", "scale", 0.0)),
            "bad.h5: /train/x: its scale is 0 (expected a number other than 0)"),
    refused("test_images_of_other_size", dataset(put("test/x", np.zeros((6, 4, 5, 1), np.uint8))),
            "bad.h5: /test/x: is uint8 [6, 4, 5, 1] (expected samples like those of /train/x, which "
            "is uint8 [20, 4, 4, 1])"),
    refused("nan", dataset(pixels(7, np.nan)),
            "bad.h5: /train/x: sample 7 holds a value that is not finite"),
    refused("infinite", dataset(pixels(19, -np.inf)),
            "bad.h5: /train/x: sample 19 holds a value that is not finite"),
    refused("label_too_large", dataset(labels((13, 3))),
            "bad.h5: /train/y: sample 13 has label 3 (expected 0 to 2)"),
    refused("label_negative", dataset(labels((2, -1))),
            "bad.h5: /train/y: sample 2 has label -1 (expected 0 to 2)"),
    refused("label_of_64_bits", dataset(put("train/y", np.full(SAMPLES, 1 << 32))),
            "bad.h5: /train/y: sample 0 has label 2147483647 (expected 0 to 2)"),
    refused("two_wrong_labels", dataset(labels((2, -1), (13, 3))),
            "bad.h5: /train/y: sample 2 has label -1 (expected 0 to 2)"),
    refused("more_classes_than_outputs", dataset(),
            "job.yaml:5: model[1].dense: has 2 outputs, but the data has 3 classes",
            text=few(("units: 3", "units: 2"))),
    refused("values_for_classes", dataset(both(put("train/y", np.zeros(SAMPLES, np.float32)),
                                               put("test/y", np.zeros(6, np.float32)))),
            "job.yaml:10: train.loss.categorical_crossentropy: needs class labels, but y has "
            "values"),
]

# Small datasets are no mistake.
SMALL = [
    refused("fewer_samples_than_ranks", dataset(samples=2),
            "warning: job.yaml:2: dataset: 1 of 3 classes (2) of 'y' have no training samples",
            "--progress", "none", status=0, leaves=r"results(/.*)?"),
    refused("one_sample", dataset(samples=1),
            "warning: job.yaml:2: dataset: 2 of 3 classes (1, 2) of 'y' have no training samples",
            "--progress", "none", status=0, leaves=r"results(/.*)?"),
    refused("less_than_a_batch", dataset(), None, "--progress", "none", status=0,
            leaves=r"results(/.*)?", text=few(("batch_size: 60", "batch_size: 60000"))),
]

# One of three ranks is in another folder, where the dataset is missing or another one.
ASTRAY = ("LOCKSTEP_DATA=. exec mpirun -n 3 sh -c '[ $OMPI_COMM_WORLD_RANK = 1 ] && cd other; exec "
          "\"$@\"' sh %s")


def astray(name, content, says, shared=True, **options):
    def prepare(folder):
        os.makedirs(os.path.join(folder, "other"))
        if shared:
            os.mkdir(os.path.join(folder, "results"))
            os.symlink("../results", os.path.join(folder, "other", "results"))
        dataset()(os.path.join(folder, "bad.h5"))
        if content:
            content(os.path.join(folder, "other", "bad.h5"))
    together = few(("file: bad.h5", "name: bad"),
                   ("train:", "sweep: {ranks_per_trial: 3}\ntrain:"))
    return case(name, "run job.yaml", says, files={"job.yaml": together}, prepare=prepare,
                shell=ASTRAY, ranks=(None,), **options)


HOST = socket.gethostname()
OTHER = (f"./bad.h5 is not the same for all ranks: rank 0 on {HOST} has another one than rank 1 on "
         f"{HOST}")
ONE_RANK = [
    astray("missing_on_one_rank", None, OTHER + " (none)"),
    astray("no_access_on_one_rank", os.mkdir, OTHER + " (none)"),
    astray("other_samples_on_one_rank", dataset(samples=SAMPLES - 1), OTHER),
    astray("wrong_label_on_one_rank", dataset(labels((SAMPLES // 2, 7))), OTHER),
    refused("nan_on_the_last_rank", dataset(pixels(SAMPLES - 1, np.nan)),
            "bad.h5: /train/x: sample 19 holds a value that is not finite", ranks=(3,),
            text=few(("train:", "sweep: {ranks_per_trial: 3}\ntrain:"))),
    astray("cut_off_on_one_rank", cut(0.5), OTHER),
    astray("results_not_shared", dataset(),
           "results/small.h5: cannot open on rank 1 (expected a folder that all ranks share)",
           shared=False, leaves=r"results(/small(\.h5|/owner)?)?"),
]

FilesTest = bad_input.table("FilesTest", FILES)
ValuesTest = bad_input.table("ValuesTest", VALUES)
SmallTest = bad_input.table("SmallTest", SMALL)
OneRankTest = bad_input.table("OneRankTest", ONE_RANK)

if __name__ == "__main__":
    common.main()
