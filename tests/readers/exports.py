"""Optuna and TensorBoard read what `lockstep export` writes. Run by `scripts/test --long` with a
Python that has them:

    build/readers/bin/python tests/readers/exports.py PATH_TO_LOCKSTEP"""

import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

import h5py
import numpy as np
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
from tensorboard.plugins.hparams import metadata

import make_results

LOCKSTEP = os.path.abspath(sys.argv.pop(1))
RATES = np.geomspace(1e-3, 1, 9)


class ReadersTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.study = os.path.join(folder.name, "study.h5")
        points = {"rate": (RATES, "log"), "units": ([8, 16, 32] * 3, None),
                  "units_2": ([4.0, np.nan, 2.0] * 3, None), "act": (["relu", "tanh", "elu"] * 3, None)}
        make_results.write(self.study, points=points, distance=RATES, replicates=2, epochs=9)
        make_results.add_search(self.study, [1, 3, 9])
        with h5py.File(self.study) as file:
            self.accuracy = file["val_accuracy"][:].reshape(18, 9)
            self.ran = file["epochs_run"][:].flatten()

    def export(self, to):
        subprocess.run([LOCKSTEP, "export", self.study, "--to", to], check=True)

    def test_optuna(self):
        self.export("optuna")
        storage = JournalStorage(JournalFileBackend(self.study[:-3] + ".journal.log"))
        study = optuna.load_study(study_name="study", storage=storage)
        self.assertEqual(study.direction.name, "MAXIMIZE")
        self.assertEqual(study.best_value, np.nanmax(self.accuracy[self.ran == 9, -1]))
        for t, trial in enumerate(study.trials):
            self.assertEqual(trial.state.name, "COMPLETE" if self.ran[t] == 9 else "PRUNED")
            self.assertEqual(trial.value, self.accuracy[t, self.ran[t] - 1])
            self.assertEqual(trial.intermediate_values,
                             {e + 1: self.accuracy[t, e] for e in range(self.ran[t])})
            values = {"rate": RATES[t // 2], "units": [8, 16, 32][t // 2 % 3],
                      "act": ["relu", "tanh", "elu"][t // 2 % 3]}
            if t // 2 % 3 != 1:
                values["units_2"] = [4, None, 2][t // 2 % 3]
            self.assertEqual(trial.params, values)
        study.tell(study.ask(trial.distributions), 0.5)  # the study continues in Optuna

    def test_tensorboard(self):
        self.export("tensorboard")
        log = EventMultiplexer().AddRunsFromDirectory(self.study[:-3] + ".tensorboard").Reload()
        runs = [run for run in log.Runs() if run != "."]
        self.assertEqual(len(runs), 18)
        for run in runs:
            t = int(run.split("_")[1]) - 1
            scalars = log.Scalars(run, "val_accuracy")
            self.assertEqual([one.step for one in scalars], list(range(1, self.ran[t] + 1)))
            np.testing.assert_array_equal(np.float32([one.value for one in scalars]),
                                          np.float32(self.accuracy[t, :self.ran[t]]))
            data = log.SummaryMetadata(run, metadata.SESSION_START_INFO_TAG).plugin_data
            start = metadata.parse_session_start_info_plugin_data(data.content)
            self.assertEqual(start.hparams["rate"].number_value, RATES[t // 2])
            self.assertEqual(start.group_name, f"point_{t // 2 + 1}")
        data = log.SummaryMetadata(".", metadata.EXPERIMENT_TAG).plugin_data
        study = metadata.parse_experiment_plugin_data(data.content)
        self.assertEqual([one.name for one in study.hparam_infos], ["rate", "units", "units_2", "act"])


if __name__ == "__main__":
    unittest.main()
