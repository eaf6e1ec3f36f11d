"""Checks that peers compute the same as Lockstep: from the same initial weights, with all samples
in one batch, it compares the losses before each of a few steps, which also checks the optimizer."""
import pathlib
import subprocess

import networks
import ways

SAMPLES, STEPS = 64, 3
TOLERANCE = 1e-4  # of a loss


def run_lockstep(program, job, results):
    subprocess.run([program, "run", job, "-o", results, "--progress", "none"], check=True,
                   env=ways.ENVIRONMENT, stdout=subprocess.DEVNULL)


def save_weights(model, path):
    """Writes the arrays of a model file, in the order of its layers; returns the number of
    values."""
    import h5py
    import numpy as np

    arrays = []
    with h5py.File(model) as file:
        group = file["model_weights"]
        for layer in group.attrs["layer_names"]:
            arrays += [group[layer][name][:] for name in group[layer].attrs["weight_names"]]
    np.savez(path, *arrays)
    return sum(array.size for array in arrays)


def losses_of_lockstep(program, network, data, folder):
    """Losses and the number of parameters. Leaves the weights before the first step, from a step
    with a learning rate of 0, in weights.npz."""
    import h5py

    dataset = f"file: {data}, subset: {{train: {SAMPLES}}}"
    results = pathlib.Path(folder) / f"{network}_{{}}.h5"
    for name, epochs, rate in (("begin", 1, 0), ("steps", STEPS, None)):
        job = networks.write_job(folder, network, dataset, SAMPLES, epochs, "test", False, rate)
        run_lockstep(program, job, str(results).format(name))
    parameters = save_weights(str(results).format("begin").removesuffix(".h5") + "/trial_1/last.h5",
                              pathlib.Path(folder) / "weights.npz")
    with h5py.File(str(results).format("steps")) as file:
        return [float(loss) for loss in file["loss"][:]], parameters


def losses_of_peer(python, script, network, data, folder):
    way = ways.Way("", "", "", "", python.command(
        script, network, SAMPLES, "--data", data.parent, "--steps", STEPS, "--weights",
        pathlib.Path(folder) / "weights.npz"), {"KERAS_BACKEND": python.backend})
    output = ways.run(way).outputs[0]
    return ([float(loss) for loss in ways.read(output, "losses").split(",")],
            int(ways.read(output, "parameters")))


def check(program, names, pythons, data, folder):
    """Prints a line for each network and peer; returns 1 if one of them differs."""
    wrong = 0
    for network in names:
        losses, parameters = losses_of_lockstep(program, network, data, folder)
        shown = " ".join(f"{loss:.6f}" for loss in losses)
        print(f"{network}: Lockstep: {parameters} parameters, losses {shown}")
        for python in pythons:
            for peer, script in ((python.pytorch, "pytorch.py"), (python.keras, "keras.py"),
                                 (python.jax, "jax_scan.py")):
                if not peer:
                    continue
                try:
                    theirs, count = losses_of_peer(python, script, network, data, folder)
                except ways.Failed as error:
                    print(f"{network}: {peer}: FAILED: {error}")
                    wrong += 1
                    continue
                off = max(abs(a - b) for a, b in zip(losses, theirs, strict=True))
                same = off <= TOLERANCE and count == parameters
                wrong += not same
                print(f"{network}: {peer}: {count} parameters, losses differ by {off:.1e}: "
                      f"{'the same' if same else 'WRONG'}", flush=True)
    return int(wrong > 0)
