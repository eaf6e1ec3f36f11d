"""Prints as JSON which PyTorch and Keras this Python has: versions, Keras's backend, and the
kernels that OpenBLAS selected, if PyTorch uses it."""
import ctypes
import importlib.metadata
import importlib.util
import json
import pathlib
import re
import sys

sys.path.pop(0)  # keras.py beside this file is not Keras


def version(package):
    """Empty if it is not installed."""
    if importlib.util.find_spec(package) is None:
        return ""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "of unknown version"


def openblas_kernels():
    """The kernels of the OpenBLAS that is loaded, if any."""
    mapped = re.findall(r"/\S*libopenblas\S*", pathlib.Path("/proc/self/maps").read_text())
    for path in sorted(set(mapped)):
        name = getattr(ctypes.CDLL(path), "openblas_get_corename", None)
        if name:
            name.restype = ctypes.c_char_p
            return name().decode()
    return ""


found = {package: version(package) for package in ("torch", "keras", "tensorflow", "jax")}
found["kernels"] = ""
if found["torch"]:
    import torch

    found["torch"] = torch.__version__
    found["kernels"] = openblas_kernels()
print(json.dumps(found))
