"""lockstep export: CSV, the journal of an Optuna study, event files of TensorBoard.

The journal and the event files are read by small readers written here after the formats' sources;
tests/readers/exports.py has Optuna and TensorBoard read them.

Usage: export_test.py PATH_TO_LOCKSTEP [unittest options]"""

import csv
import glob
import json
import os
import struct
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
import make_results

NONE = float("nan")
POINTS = {
    "rate": ([0.1, 0.01, 1e-3, 0.3], "log"),
    "units": ([16, 32, 16, 64], None),
    "units_2": ([8.0, NONE, 4.0, NONE], None),
    "activation": (["relu", "tanh, \"x\"", "relu", "sigmoid"], None),
}


def rows_of(text):
    return list(csv.DictReader(text.splitlines()))


# ---- Event files -------------------------------------------------------------------------------


def crc32c(data):
    """By the table of the polynomial 0x1edc6f41, reflected."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def entry_of_table(value):
    for _ in range(8):
        value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    return value


TABLE = [entry_of_table(i) for i in range(256)]


def masked(data):
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    """The data of a TFRecord file, whose checksums have to be right."""
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at < len(data):
        length, check = struct.unpack_from("<QI", data, at)
        assert check == masked(data[at : at + 8])
        record = data[at + 12 : at + 12 + length]
        (check,) = struct.unpack_from("<I", data, at + 12 + length)
        assert len(record) == length and check == masked(record)
        yield record
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def fields(data):
    """The fields of a message of Protocol Buffers: {number: [values]}."""
    out, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 1:
            (value,), at = struct.unpack_from("<d", data, at), at + 8
        elif key & 7 == 5:
            (value,), at = struct.unpack_from("<f", data, at), at + 4
        else:
            assert key & 7 == 2
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
            assert len(value) == length
        out.setdefault(key >> 3, []).append(value)
    return out


def events(path):
    """(wall time, step, {tag: scalar, or data of its plugin}) for each event of a file."""
    for record in records(path):
        event = fields(record)
        values = {}
        for value in fields(event[5][0]).get(1, []) if 5 in event else []:
            value = fields(value)
            tag = value[1][0].decode()
            if 2 in value:
                values[tag] = value[2][0]
            else:
                plugin = fields(fields(value[9][0])[1][0])
                assert plugin[1] == [b"hparams"]
                values[tag] = fields(plugin[2][0])
        yield event[1][0], event.get(2, [0])[0], values


# ---- Tests -------------------------------------------------------------------------------------


class ExportTest(common.ProgramTest):
    def make(self, kind="l2", **changes):
        path = self.path("study.h5")
        make_results.write(path, **{**make_results.KINDS[kind], **changes})
        return path

    def make_points(self, **changes):
        path = self.path("study.h5")
        make_results.write(path, points=POINTS, distance=[0, 0.1, 0.2, 0.3], replicates=2, epochs=5,
                           tested=True, **changes)
        return path

    def export(self, *arguments, status=0):
        done = self.lockstep("export", *arguments, status=status)
        return done.stderr if status else done.stdout

    def read(self, path, *names):
        with h5py.File(path) as file:
            return [file[name][()].reshape(-1, *file[name].shape[2:]) for name in names]

    # ---- CSV ----

    def test_trials(self):
        """A row for each trial, exact values, empty cells where there is none."""
        path = self.make_points(diverged=[7])
        rows = rows_of(self.export(path, "--to", "csv"))
        accuracy, loss, test = self.read(path, "val_accuracy", "val_loss", "test_accuracy")
        self.assertEqual(list(rows[0])[:7],
                         ["trial", "rate", "units", "units_2", "activation", "replicate", "status"])
        self.assertEqual([row["trial"] for row in rows], [str(i) for i in range(1, 9)])
        self.assertEqual([row["rate"] for row in rows[::2]], ["0.1", "0.01", "0.001", "0.3"])
        self.assertEqual([row["units"] for row in rows[::2]], ["16", "32", "16", "64"])
        self.assertEqual([row["units_2"] for row in rows[::2]], ["8", "", "4", ""])
        self.assertEqual([row["activation"] for row in rows[1::2]], POINTS["activation"][0])
        self.assertEqual([row["replicate"] for row in rows], ["0", "1"] * 4)
        self.assertEqual([row["status"] for row in rows], ["done"] * 7 + ["diverged"])
        for t, row in enumerate(rows[:7]):
            self.assertEqual(float(row["final_val_accuracy"]), accuracy[t, -1])
            self.assertEqual(float(row["best_val_loss"]), loss[t].min())
            self.assertEqual(float(row["final_test_accuracy"]), test[t])
        self.assertEqual(rows[7]["final_val_accuracy"], "")
        self.assertNotIn("final_learning_rate", rows[0])

    def test_epochs(self):
        """A row for each epoch that was run."""
        path = self.make("folds", pending=48, sweep={"l2": ([1e-4, 1e-5, 0.1, 0.2, 1e-6], "log")})
        rows = rows_of(self.export(path, "--to", "csv", "--curves"))
        with h5py.File(path) as file:
            loss, ran = file["loss"][:].reshape(50, 40), file["epochs_run"][:].flatten()
        self.assertEqual(len(rows), ran.sum())
        for row in rows:
            at = int(row["trial"]) - 1, int(row["epoch"]) - 1
            self.assertEqual(float(row["loss"]), loss[at])
        self.assertEqual([rows[40][name] for name in ("l2", "replicate", "fold", "epoch")],
                         ["0.0001", "0", "1", "1"])

    def test_file(self):
        path = self.make()
        printed = self.export(path, "--to", "csv", "-o", "-")
        self.assertEqual(self.export(path, "--to", "csv", "-o", self.path("x.csv")), "")
        with open(self.path("x.csv")) as file:
            self.assertEqual(file.read(), printed)
        self.assertEqual(sorted(os.listdir(self.folder)), ["study.h5", "x.csv"])

    # ---- Optuna ----

    def journal(self, path):
        """The study, its attributes and its trials, as Optuna makes them of the journal."""
        self.assertEqual(self.export(path, "--to", "optuna"), "")
        study, attributes, trials = None, {}, []
        with open(self.path("study.journal.log")) as file:
            for line in file:
                one = json.loads(line, parse_constant=self.fail)
                self.assertIsInstance(one["worker_id"], str)
                if one["op_code"] == 0:
                    self.assertIsNone(study)
                    study = one
                elif one["op_code"] == 2:
                    attributes.update(one["user_attr"])
                else:
                    self.assertEqual(one["op_code"], 4)
                    self.assertEqual(one["study_id"], 0)
                    one["distributions"] = {k: json.loads(v) for k, v in one["distributions"].items()}
                    trials.append(one)
        return study, attributes, trials

    def test_journal(self):
        path = self.make_points(diverged=[7])
        study, attributes, trials = self.journal(path)
        accuracy, test = self.read(path, "val_accuracy", "test_accuracy")
        self.assertEqual((study["study_name"], study["directions"]), ("study", [2]))
        self.assertEqual(attributes["metric"], "val_accuracy")
        self.assertIn("name: hinton_l2", attributes["job"])
        self.assertEqual([t["state"] for t in trials], [1] * 7 + [3])
        for t, trial in enumerate(trials[:7]):
            self.assertEqual(trial["value"], accuracy[t, -1])
            self.assertEqual(trial["intermediate_values"],
                             {str(e + 1): accuracy[t, e] for e in range(5)})
            self.assertEqual(trial["user_attrs"]["final_test_accuracy"], test[t])
            self.assertEqual(trial["user_attrs"]["replicate"], t % 2)
        self.assertIsNone(trials[7]["value"])
        self.assertEqual(trials[0]["params"], {"rate": 0.1, "units": 16, "units_2": 8, "activation": 0})
        self.assertEqual(trials[3]["params"], {"rate": 0.01, "units": 32, "activation": 2})
        found = trials[0]["distributions"]
        self.assertEqual(found["rate"], {"name": "FloatDistribution", "attributes": {
            "log": True, "low": 1e-3, "high": 0.3, "step": None}})
        self.assertEqual(found["units"], {"name": "IntDistribution", "attributes": {
            "log": False, "low": 16, "high": 64, "step": 1}})
        self.assertEqual(found["activation"]["attributes"]["choices"],
                         ["relu", "sigmoid", "tanh, \"x\""])
        self.assertEqual(trials[0]["datetime_start"], "2026-01-31T23:59:00.000000+00:00")
        self.assertGreater(trials[0]["datetime_complete"], "2026-01-31T23:59:04")

    def test_journal_of_pruned_trials(self):
        path = self.path("study.h5")
        rates = np.geomspace(1e-3, 1, 9)
        make_results.write(path, points={"rate": (rates, "log")}, distance=rates, epochs=9)
        make_results.add_search(path, [1, 3, 9])
        _, _, trials = self.journal(path)
        self.assertEqual([t["state"] for t in trials].count(2), 8)
        pruned = next(t for t in trials if t["state"] == 2)
        self.assertEqual(pruned["value"], list(pruned["intermediate_values"].values())[-1])

    def test_journal_of_a_running_job(self):
        """Trials that wait or run have no value; the journal of a loss is minimized."""
        study, _, trials = self.journal(self.make("running", monitor="val_loss"))
        self.assertEqual(study["directions"], [1])
        states = [3, 1, 1, 1, 3, 1, 1, 1, 0] + [4] * 6
        self.assertEqual([t["state"] for t in trials], states)
        self.assertEqual([t["datetime_start"] is None for t in trials], [s == 4 for s in states])
        self.assertNotIn("datetime_complete", trials[8])
        self.assertIsNone(trials[8]["value"])
        self.assertEqual(len(trials[8]["intermediate_values"]), 20)

    # ---- TensorBoard ----

    def test_checksum(self):
        """The readers' own: test vectors of RFC 3720, B.4."""
        self.assertEqual(crc32c(bytes(32)), 0x8A9136AA)
        self.assertEqual(crc32c(bytes(range(32))), 0x46DD794E)

    def test_events(self):
        path = self.make_points(pending=2)
        self.export(path, "--to", "tensorboard")
        folder = self.path("study.tensorboard")
        runs = sorted(name for name in os.listdir(folder) if name.startswith("trial_"))
        self.assertEqual(len(runs), 6)
        self.assertEqual(runs[2], "trial_3_rate=0.01,units=32,activation=tanh,__x_,replicate=0")
        names = ["loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "epoch_seconds"]
        curves = dict(zip(names, self.read(path, *names)))
        for t, run in enumerate(runs[:5]):
            (file,) = glob.glob(os.path.join(folder, run, "*tfevents*"))
            first, start, *epochs, end = events(file)
            self.assertEqual(first[1:], (0, {}))
            self.assertEqual([step for _, step, _ in epochs], [1, 2, 3, 4, 5])
            for _, step, values in epochs:
                self.assertEqual(values, {name: np.float32(curves[name][t, step - 1]) for name in names})
            self.assertAlmostEqual(epochs[-1][0] - start[0], curves["epoch_seconds"][t].sum(), 5)
            self.assertEqual(end[2]["final_val_accuracy"],
                             np.float32(curves["val_accuracy"][t, -1]))
            self.assertEqual(fields(end[2]["_hparams_/session_end_info"][4][0])[1], [1])

    def test_hparams(self):
        path = self.make_points()
        folder = self.path("logs")
        self.export(path, "--to", "tensorboard", "-o", folder)
        (file,) = glob.glob(os.path.join(folder, "*tfevents*"))
        study = fields(list(events(file))[1][2]["_hparams_/experiment"][2][0])
        self.assertEqual([(fields(v)[1][0].decode(), fields(v)[4][0]) for v in study[4]],
                         [("rate", 3), ("units", 3), ("units_2", 3), ("activation", 1)])
        self.assertEqual([fields(fields(m)[1][0])[2] for m in study[5]],
                         [[b"final_val_accuracy"], [b"final_test_accuracy"]])
        (file,) = glob.glob(os.path.join(folder, "trial_4_*", "*tfevents*"))
        start = fields(list(events(file))[1][2]["_hparams_/session_start_info"][3][0])
        values = {}
        for entry in start[1]:
            entry = fields(entry)
            values[entry[1][0].decode()] = next(iter(fields(entry[2][0]).values()))[0]
        self.assertEqual(values, {"rate": 0.01, "units": 32.0, "activation": b'tanh, "x"'})
        self.assertEqual(start[4], [b"point_2"])

    def test_repeated(self):
        """Another export replaces the files of the first."""
        path = self.make()
        for _ in range(2):
            self.export(path, "--to", "tensorboard")
            self.export(path, "--to", "optuna")
        for folder, _, files in os.walk(self.path("study.tensorboard")):
            self.assertEqual(len(files), 1, folder)

    # ---- The best trials ----

    def test_best_trials(self):
        """The best finished values, in the order of the results, in all formats."""
        path = self.make("folds", pending=10)
        rows = rows_of(self.export(path, "--to", "csv"))
        finished = [row for row in rows if row["final_val_accuracy"]]
        best = sorted(finished, key=lambda row: -float(row["final_val_accuracy"]))[:7]
        numbers = sorted(int(row["trial"]) for row in best)
        chosen = rows_of(self.export(path, "--to", "csv", "--trials", "7"))
        self.assertEqual([int(row["trial"]) for row in chosen], numbers)
        self.export(path, "--to", "tensorboard", "--trials", "7")
        folders = [name for name in os.listdir(self.path("study.tensorboard"))
                   if name.startswith("trial_")]
        self.assertEqual(sorted(int(name.split("_")[1]) for name in folders), numbers)
        self.assertEqual(rows_of(self.export(path, "--to", "csv", "--trials", "1000")), rows)

    def test_many_trials(self):
        """TensorBoard has a folder for each trial, so that their number is limited."""
        path = self.make(sweep={"l2": ([0.001 * i for i in range(1, 502)], None)}, replicates=2,
                         epochs=1, distance=range(501))
        message = self.export(path, "--to", "tensorboard", status=2)
        self.assertIn("study.h5 has 1002 trials, which would be as many folders of tensorboard "
                      "(expected --trials N, which exports the N best)", message)
        self.assertEqual(os.listdir(self.folder), ["study.h5"])
        self.export(path, "--to", "tensorboard", "--trials", "2")
        self.assertEqual(len(os.listdir(self.path("study.tensorboard"))), 3)

    # ---- Errors ----

    def test_errors(self):
        path = self.make()
        for arguments, message in [
            ([path], "export: --to is missing (expected csv, optuna or tensorboard)"),
            ([path, "--to", "xlsx"], "export: --to: unknown format 'xlsx' (expected csv, optuna or"),
            (["--to", "csv"], "export: no results file given (expected RESULTS.h5)"),
            ([path, path, "--to", "csv"], "export: one results file at a time"),
            ([path, "--to", "optuna", "--curves"], "export: --curves: goes with --to csv"),
            ([path, "--to", "tensorboard", "-o", "-"], "export: --output: '-' (expected a folder"),
            ([path, "--to", "csv", "--trials", "0"], "export: --trials: "),
            ([path, "--to", "csv", "-o", path], "study.h5: is an input"),
            ([self.path("none.h5"), "--to", "csv"], "none.h5"),
        ]:
            with self.subTest(arguments=arguments):
                self.assertIn(message, self.export(*arguments, status=2))


if __name__ == "__main__":
    common.main()
