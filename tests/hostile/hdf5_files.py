"""Hostile HDF5 files: copies of a valid one that are damaged, or in which an object or an attribute is
replaced by one of another kind. All are functions of the valid file; no two runs differ.

    for name, make in edits(valid, outside): make(path)

makes them one after the other. `outside` is a file that must be neither read nor changed."""

import functools
import os
import shutil

import h5py
import numpy as np

TEXT = h5py.string_dtype()
EVIL = "\033[2J\n# FORGED\nlockstep: <script>$(touch PWNED)`id`'\"\\\xff\u202e" + "%s%n" * 4
HUGE = (1 << 40, 1 << 20)
NUMBERS = [-1, 2**31 - 1, 2**31, 2**63 - 1, 2**64 - 1, np.nan, np.inf, 1e300]


# ---- Damage --------------------------------------------------------------------------------------


def truncate(fraction, valid, path):
    with open(valid, "rb") as file:
        content = file.read()
    with open(path, "wb") as file:
        file.write(content[:int(fraction * len(content))])


def overwrite(seed, count, valid, path):
    """Changes single bytes, half of them among the first 2,000, where most structures are."""
    random = np.random.default_rng(seed)
    with open(valid, "rb") as file:
        content = bytearray(file.read())
    for k in range(count):
        content[random.integers(2000 if k % 2 else len(content))] = random.integers(256)
    with open(path, "wb") as file:
        file.write(content)


def prepend(content, valid, path):
    with open(path, "wb") as out, open(valid, "rb") as file:
        out.write(content + file.read())


def damages():
    for fraction in (0, 0.001, 0.1, 0.5, 0.9, 0.999):
        yield f"truncated_{fraction}", functools.partial(truncate, fraction)
    for seed in range(10):
        yield f"damaged_{seed}", functools.partial(overwrite, seed, 1 << seed % 5)
    yield "prepended", functools.partial(prepend, bytes(512))
    yield "text", lambda valid, path: prepend(EVIL.encode("latin1", "replace"), os.devnull, path)


# ---- Objects -------------------------------------------------------------------------------------


def numbers(value):
    def make(file, name, old, outside):
        kind = old.dtype if old.dtype.kind in "iufb" else np.dtype("f8")
        with np.errstate(all="ignore"):
            values = np.full(old.shape, value, "f8").astype(kind)
        file.create_dataset(name, data=values)
    return make


def of_type(kind):
    return lambda file, name, old, outside: file.create_dataset(name, old.shape, kind)


def texts(file, name, old, outside):
    file.create_dataset(name, data=np.full(old.shape, EVIL.replace("\0", ""), object), dtype=TEXT)


def with_shape(shape, chunks=None):
    def make(file, name, old, outside):
        kind = old.dtype if old.dtype.kind in "iuf" else "f4"
        file.create_dataset(name, shape, kind, chunks=chunks)
    return make


def longer(file, name, old, outside):
    shape = (old.shape[0] + 1, *old.shape[1:]) if old.shape else (1,)
    file.create_dataset(name, shape, old.dtype)


def group(file, name, old, outside):
    file.create_group(name)


def committed_type(file, name, old, outside):
    file[name] = np.dtype("i4")


def looping_link(file, name, old, outside):
    file[name] = h5py.SoftLink("/" + name)


def dangling_link(file, name, old, outside):
    file[name] = h5py.SoftLink("/nowhere/at/all")


def external_link(file, name, old, outside):
    file[name] = h5py.ExternalLink(outside, "/" + name)


def external_storage(file, name, old, outside):
    file.create_dataset(name, old.shape or (1,), "u1", external=[(outside, 0, 1 << 20)])


def virtual(source):
    def make(file, name, old, outside):
        shape = old.shape or (1,)
        layout = h5py.VirtualLayout(shape, "f4")
        layout[...] = h5py.VirtualSource(source or outside, name, shape)
        file.create_virtual_dataset(name, layout)
    return make


def references(file, name, old, outside):
    file.create_dataset(name, data=np.full(old.shape, file.ref, object), dtype=h5py.ref_dtype)


def compressed(file, name, old, outside):
    file.create_dataset(name, data=np.zeros((1 << 20,), "u1"), compression="gzip")


def removed(file, name, old, outside):
    pass


OBJECTS = {
    **{f"numbers_{k}": numbers(value) for k, value in enumerate(NUMBERS)},
    **{f"type_{kind.replace('<', '')}": of_type(kind) for kind in ("S3", "c16", "i1,f8", "V7")},
    "variable_length": of_type(h5py.vlen_dtype("i4")),
    "texts": texts,
    "scalar": with_shape(()),
    "empty": with_shape((0,)),
    "deep": with_shape((1,) * 32),
    "huge": with_shape(HUGE, (1, 1 << 10)),
    "huge_line": with_shape((1 << 62,), (1 << 10,)),
    "longer": longer, "group": group, "committed_type": committed_type,
    "looping_link": looping_link, "dangling_link": dangling_link, "external_link": external_link,
    "external_storage": external_storage, "virtual_itself": virtual("."),
    "virtual_missing": virtual("missing.h5"), "virtual_elsewhere": virtual(None),
    "references": references, "compressed": compressed, "removed": removed,
}


def edit_object(name, make, outside, valid, path):
    shutil.copy(valid, path)
    with h5py.File(path, "a") as file:
        old = file[name]
        attributes = dict(old.attrs)
        del file[name]
        make(file, name, old, outside)
        for key, value in attributes.items():
            if key.isupper() or not isinstance(file.get(name, getlink=True), h5py.HardLink):
                continue  # of dimension scales
            file[name].attrs[key] = value


# ---- Attributes ----------------------------------------------------------------------------------

ATTRIBUTES = {
    "removed": None,
    "evil": EVIL, "empty": "", "long": "x" * 60000,
    "negative": -1, "largest": 2**63 - 1, "nan": np.nan, "infinite": np.inf,
    "numbers": np.arange(5), "text_list": np.array([EVIL, ""], object), "void": np.void(b"\0\1"),
    "nothing": h5py.Empty("f4"), "damaged_text": np.bytes_(b"\xff\xfe\n"), "deep": "[" * 20000,
}


def edit_attribute(name, key, value, valid, path):
    shutil.copy(valid, path)
    with h5py.File(path, "a") as file:
        del file[name].attrs[key]
        if isinstance(value, np.ndarray) and value.dtype == object:
            file[name].attrs.create(key, value, dtype=TEXT)
        elif value is not None:
            file[name].attrs[key] = value


# ---- All -----------------------------------------------------------------------------------------


def places(valid):
    """The datasets of the file, and its attributes as (object, name)."""
    datasets, attributes = [], []

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind != "O":
            datasets.append(name)
        attributes.extend((name, key) for key in item.attrs if not key.isupper())

    with h5py.File(valid) as file:
        attributes.extend((".", key) for key in file.attrs)
        file.visititems(visit)
    return datasets, attributes


def edits(valid, outside, each=2):
    """All damages, and `each` of the places, taken in turn, for every kind of edit."""
    datasets, attributes = places(valid)
    for name, make in damages():
        yield name, functools.partial(make, valid)
    for i, (kind, make) in enumerate(OBJECTS.items()):
        for k in range(each):
            name = datasets[(i * each + k) % len(datasets)]
            yield (f"{name}_{kind}".replace("/", "."),
                   functools.partial(edit_object, name, make, outside, valid))
    for i, (kind, value) in enumerate(ATTRIBUTES.items()):
        for k in range(2 * each):
            name, key = attributes[(i * 2 * each + k) % len(attributes)]
            yield (f"{name}@{key}_{kind}".replace("/", "."),
                   functools.partial(edit_attribute, name, key, value, valid))
