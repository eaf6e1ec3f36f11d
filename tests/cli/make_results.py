"""Writes a synthetic results file with the layout of those of training jobs, for tests.

As a program: make_results.py FILE [KIND], where KIND is a key of KINDS."""

import sys

import h5py
import numpy as np

STATUS = ["pending", "running", "done", "stopped_early", "diverged", "failed",
          "pruned"]
LOG_L2 = {"l2": (np.logspace(-6, -3, 5), "log")}
GRID = {
    "hidden_units": (np.array([10, 25, 50, 100, 150, 250, 500, 750, 1000]), "linear"),
    "learning_rate_0": ([0.001, 0.005, 0.01, 0.05, 0.1], "linear"),
}
OPTIMIZERS = {
    "optimizer": (["sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamax", "nadam"], None)
}
ACTIVATIONS = {"activation": (["relu", "sigmoid", "tanh"], None)}
LAMBDAS = {"lambda": ([1e-8, 1e-4, 1e-2, 5e-2, 1e-1, 5e-1], "linear")}
KINDS = {
    "l2": dict(sweep=LOG_L2, replicates=3, reference=0.9847, reference_label="Simard <2003> & al."),
    "grid": dict(sweep=GRID),
    "text": dict(sweep=OPTIMIZERS, replicates=3),
    "single": dict(decay=0.9),
    "replicates": dict(replicates=5),
    "folds": dict(sweep=LOG_L2, replicates=2, folds=5),
    "running": dict(sweep=LOG_L2, replicates=3, pending=6, failed=[0], diverged=[4]),
    "all_failed": dict(sweep=LOG_L2, failed=range(5)),
    "three": dict(sweep={"hidden": (["one", "two"], None), **ACTIVATIONS, **LAMBDAS}, replicates=3),
    "many": dict(
        sweep={**LOG_L2, **GRID, "activation": (["relu", "tanh"], None)}, replicates=2, epochs=12
    ),
}


def write(
    path,
    sweep={},
    replicates=0,
    folds=0,
    epochs=40,
    decay=1.0,
    pending=0,
    failed=(),
    diverged=(),
    monitor="val_accuracy",
    reference=None,
    reference_label="",
    reference_metric=None,
    references=(),
    orderings=(),
    tested=False,
    restored=False,
    job_file="jobs/hinton_l2.yaml",
    seed=1,
    better=0.0,
    recorded=True,
    simpler=None,
    rename={},
    points=None,
    distance=None,
):
    """`sweep` maps a variable to (values, spacing); the last `pending` trials did not start, the
    one before them is running; `failed` and `diverged` are trial numbers. `reference` is one number
    or a list of one for each point, as files of earlier versions have it; `references` are (values
    of points, attributes), `orderings` (places of points, names of variables, attributes); `tested`: there are test samples beside those of the
    validation; `restored`: the weights of the best epoch are the final ones. `seed` is that of the
    first replicate, and of the values; `better` is added to the final validation accuracy. `recorded`: the file says which direction of
    a curve is better, and whether the weights of the best epoch were restored, as files of version
    0.1.0 don't; `restored` may then be a list of trial numbers. `simpler` maps variables to "lower"
    or "higher"; `rename` gives curves other names. `points` are the variables of a sweep that is no
    grid, each with its values at all points (NaN or "": none) and spacing; `distance` says how far
    each point is from the best."""
    random = np.random.default_rng(seed)
    with h5py.File(path, "w") as file:
        if points:
            sweep = {"point": (np.arange(len(next(iter(points.values()))[0])), None)}
            file.attrs["coordinates"] = " ".join(points)
        axes = dict(sweep)
        if replicates:
            axes["replicate"] = (np.arange(replicates, dtype="i4"), None)
        if folds:
            axes["fold"] = (np.arange(folds, dtype="i4"), None)
        axes["epoch"] = (np.arange(1, epochs + 1, dtype="i4"), None)
        for name, (values, spacing) in {**axes, **(points or {})}.items():
            text = isinstance(values[0], str)
            file.create_dataset(name, data=values, dtype=h5py.string_dtype() if text else None)
            if name in axes:
                file[name].make_scale(name)
            if spacing:
                file[name].attrs["spacing"] = spacing
            if name in (simpler or {}):
                file[name].attrs["simpler"] = simpler[name]
        shape = tuple(len(values) for values, _ in axes.values())[:-1]
        trials = int(np.prod(shape))
        point = np.arange(trials) // (max(replicates, 1) * max(folds, 1))
        replicate = np.arange(trials) // max(folds, 1) % max(replicates, 1)

        status = np.full(trials, STATUS.index("done"), "i1")
        if pending:
            status[-pending:] = STATUS.index("pending")
            status[-pending - 1] = STATUS.index("running")
        status[list(failed)] = STATUS.index("failed")
        status[list(diverged)] = STATUS.index("diverged")
        ran = {"pending": 0, "running": epochs // 2, "diverged": epochs // 3, "failed": 0}
        epochs_run = np.array([ran.get(STATUS[s], epochs) for s in status], "i4")

        places = np.unravel_index(point, shape[: len(sweep)] or (1,))
        extents = shape[: len(sweep)] or (1,)
        where = sum((i / max(n - 1, 1) - 0.4) ** 2 for i, n in zip(places, extents))[:, None]
        if distance is not None:
            where = np.asarray(distance)[point][:, None]
        time = np.arange(1, epochs + 1)
        final = 0.9862 + better - 0.012 * where + random.normal(0, 4e-4, (trials, 1))
        noise = random.normal(0, 3e-4, (trials, epochs)) / np.sqrt(time)
        approach = (1 + 0.3 * where) / time**1.3
        curves = {
            "loss": (0.3 * approach + 0.002 + 0.1 * where / 2, "training loss"),
            "accuracy": (1 - 0.08 * approach - 0.01 * where, "training accuracy"),
            "val_loss": (0.22 * approach + 0.065 + 0.05 * where + 3 * noise, "validation loss"),
            "val_accuracy": (final - 0.05 * approach + noise, "validation accuracy"),
            "learning_rate": (0.1 * decay ** (time - 1) + 0 * where, "learning rate"),
            "epoch_seconds": (0.8 + random.uniform(0, 0.1, (trials, epochs)), "time of the epoch"),
        }
        for name, (values, title) in curves.items():
            values = np.where(time <= epochs_run[:, None], values, np.nan)
            data = file.create_dataset(rename.get(name, name), data=values.reshape(*shape, epochs))
            data.attrs["long_name"] = title
            data.attrs["units"] = "s" if name == "epoch_seconds" else "1"
            if recorded and ("loss" in name or "accuracy" in name):
                data.attrs["higher_is_better"] = np.int8("accuracy" in name)
            for i, axis in enumerate(axes):
                data.dims[i].attach_scale(file[axis])
        for name, values in {
            "status": status,
            "epochs_run": epochs_run,
            "best_epoch": np.maximum(epochs_run - 2, 0).astype("i4"),
            "seed": seed + replicate.astype("u8"),
            "weights_hash": random.integers(0, 2**63, trials, dtype="u8"),
            "shards": np.full(trials, 2, "i4"),
            "train_samples": np.where(epochs_run > 0, 54000 + np.arange(trials), 0),
            "trial_seconds": np.where(epochs_run > 0, 0.85 * epochs_run, np.nan),
        }.items():
            file[name] = values.reshape(shape)
        if recorded:
            these = range(trials) if restored is True else restored or []
            file["best_restored"] = np.isin(np.arange(trials), these).astype("i1").reshape(shape)
        if tested:
            values = np.where(np.isin(status, [2, 3]), final[:, 0] - 0.01, np.nan)
            file["test_accuracy"] = values.reshape(shape)
            if recorded:
                file["test_accuracy"].attrs["higher_is_better"] = np.int8(1)
        file["status"].attrs["flag_values"] = np.arange(len(STATUS), dtype="i1")
        file["status"].attrs["flag_meanings"] = " ".join(STATUS)

        file.attrs["axes"] = list(axes)
        file.attrs["title"] = "hinton_l2: a <synthetic> job & its results"
        file.attrs["job"] = (
            "name: hinton_l2\nmodel:\n- dense: {units: 500, kernel_regularizer: {l2: {l2: $l2}}}   # <b>not bold</b>\n"
            + f"train: {{early_stopping: {{restore_best_weights: {str(bool(restored)).lower()}}}}}\n"
        )
        file.attrs["source"] = "lockstep 0.1.0"
        file.attrs["history"] = "2026-01-31T12:34:56Z: lockstep run jobs/hinton_l2.yaml"
        file.attrs["monitor"] = monitor
        if reference is not None:
            if np.ndim(reference):
                file["reference"] = np.reshape(reference, shape[: len(sweep)])
            else:
                file.attrs["reference"] = reference
            file.attrs["reference_label"] = reference_label
            file.attrs["reference_metric"] = reference_metric or monitor
        for i, (values, attributes) in enumerate(references):
            data = file.create_dataset(f"references/{i + 1:04}", data=np.reshape(values, shape[:len(sweep)]))
            data.attrs.update({"of": "final", **attributes})
        for i, (places, variables, attributes) in enumerate(orderings):
            data = file.create_dataset(f"orderings/{i + 1:04}", data=np.reshape(places, shape[:len(sweep)]))
            data.attrs.update({"of": "final", "relation": "better", **attributes})
            data.attrs["variables"] = list(variables)
        provenance = file.create_group("provenance")
        provenance.attrs["command"] = f"lockstep run {job_file} -o x.h5"
        provenance.attrs["processor"] = "Made-up processor"
        provenance.attrs["start"] = "2026-01-31T23:59:00Z"
        provenance["end"] = np.bytes_("2026-02-01T01:58:00Z")
        provenance.attrs["hosts"] = "node01, node02"
        provenance.attrs["ranks"] = np.int32(2)


def add_search(path, rungs, reduction=3):
    """Makes the trials of a file those of a successive halving, with these rungs in epochs."""
    with h5py.File(path, "r+") as file:
        shape, epochs = file["status"].shape, file["epoch"].size
        points = shape[0]
        means = file["val_accuracy"][:].reshape(points, -1, epochs).mean(1)
        fields = {name: np.zeros((points, len(rungs)), "i4")
                  for name in ("rank", "compared", "promoted", "decision")}
        fields |= {name: np.full((points, len(rungs)), np.nan) for name in ("value", "threshold")}
        last, alive = np.zeros(points, int), np.arange(points)
        for k, epoch in enumerate(rungs):
            order = alive[np.lexsort((alive, -means[alive, epoch - 1]))]
            places = len(alive) // reduction if k + 1 < len(rungs) else 0
            fields["value"][alive, k] = means[alive, epoch - 1]
            fields["rank"][order, k] = np.arange(1, len(alive) + 1)
            fields["compared"][alive, k], fields["promoted"][alive, k] = len(alive), places
            fields["decision"][order, k] = np.where(np.arange(len(alive)) < places, 1, 2)
            if k + 1 == len(rungs):
                fields["decision"][alive, k] = 3
            else:
                fields["threshold"][alive, k] = means[order[places - 1], epoch - 1]
            last[alive] = k
            alive = np.sort(order[:places]) if places else alive
        ran = np.array(rungs)[last].reshape(-1, *[1] * (len(shape) - 1)) + np.zeros(shape, "i4")
        beyond = np.arange(1, epochs + 1) > ran[..., None]
        for name in ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "epoch_seconds"):
            file[name][...] = np.where(beyond, np.nan, file[name][:])
        file["epochs_run"][...] = ran
        file["best_epoch"][...] = ran
        file["status"][...] = np.where(ran < rungs[-1], STATUS.index("pruned"), STATUS.index("done"))
        if "test_accuracy" in file:
            file["test_accuracy"][...] = np.where(ran < rungs[-1], np.nan, file["test_accuracy"][:])
        file["search/rung"] = np.array(rungs)
        file["search/bracket"] = np.zeros(points, "i4")
        for name, values in fields.items():
            file["search/" + name] = values.astype("i1") if name == "decision" else values
        file["search/decision"].attrs["flag_values"] = np.arange(4, dtype="i1")
        file["search/decision"].attrs["flag_meanings"] = "undecided promoted pruned completed"


if __name__ == "__main__":
    write(sys.argv[1], **KINDS[sys.argv[2] if len(sys.argv) > 2 else "l2"])
