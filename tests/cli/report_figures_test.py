"""Figures of lockstep report: those that a job or --figure describes, their axes and their values.

Usage: report_figures_test.py PATH_TO_LOCKSTEP [unittest options]"""

import os
import re
import sys
import xml.etree.ElementTree

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
import make_results
from common import make_job
from figures import Drawing

NETWORKS = {"network": (["mlp", "cnn"], None), **make_results.OPTIMIZERS}
ZERO = {"l2": ([0.0, 1e-6, 1e-5, 1e-4, 1e-3], "linear")}


class FiguresTest(common.ProgramTest):
    def make(self, **content):
        make_results.write(self.path("results.h5"), **content)
        return self.path("results.h5")

    def draw(self, path, *figures, options=()):
        """Drawings by the names of their files."""
        options = [*options, *(word for figure in figures for word in ("--figure", figure))]
        self.lockstep("report", path, "--svg", self.path("figures"), *options)
        names = sorted(os.listdir(self.path("figures")))
        return {name[:-4]: Drawing(os.path.join(self.path("figures"), name)) for name in names}

    def assert_drawn(self, drawing, values, least=1):
        """Every value has a point: heights are a linear function of the values. Points of the
        legend, below the others, are left over."""
        heights = np.sort([y for _, y, _ in drawing.points])[: np.size(values)]
        values = np.sort(np.ravel(values))[::-1]
        self.assertGreaterEqual(len(heights), least)
        slope, offset = np.polyfit(values, heights, 1)
        self.assertLess(slope, 0)
        np.testing.assert_allclose(heights, slope * values + offset, atol=0.05)

    def test_categories(self):
        """Numbers at equal distances, with a line for each value of another variable."""
        path = self.make(sweep=make_results.GRID)
        drawing = self.draw(path, "{x: hidden_units, color: learning_rate_0, scale: category}")
        drawing = drawing["val_accuracy_vs_hidden_units"]
        tics = drawing.tics("hidden_units")
        self.assertEqual([label for label, _ in tics],
                         ["10", "25", "50", "100", "150", "250", "500", "750", "1000"])
        np.testing.assert_allclose(np.diff([x for _, x in tics], 2), 0, atol=0.1)
        with h5py.File(path) as file:
            self.assert_drawn(drawing, file["val_accuracy"][..., -1])
        for rate in (0.001, 0.005, 0.01, 0.05, 0.1):
            drawing.place(f"learning_rate_0 = {rate}")
        self.assertEqual(len({color for *_, color in drawing.points}), 5)

    def test_panels(self):
        """A panel for each network has all its curves; their axes are the same."""
        path = self.make(sweep=NETWORKS, epochs=10)
        drawing = self.draw(path, "{metric: val_accuracy, color: optimizer, panel: network}")
        drawing = drawing["val_accuracy_vs_epoch"]
        left, right = drawing.place("network = mlp"), drawing.place("network = cnn")
        self.assertEqual(left[1], right[1])
        self.assertGreater(left[1], 10)
        for name in NETWORKS["optimizer"][0]:
            drawing.place(f"optimizer = {name}")
        with h5py.File(path) as file:
            self.assert_drawn(drawing, file["val_accuracy"][...])
        self.assertEqual(len(drawing.points), 2 * 7 * 10 + 7)
        self.assertEqual(drawing.words().count("1"), 2)  # the first epoch

    def test_samples_side_by_side(self):
        path = self.make(sweep=make_results.LOG_L2, tested=True)
        drawing = self.draw(path, "{metric: [accuracy, val_accuracy, test_accuracy], x: l2}")
        drawing = drawing["accuracy_val_accuracy_test_accuracy_vs_l2"]
        for word in ("training", "validation", "test", "final accuracy"):
            drawing.place(word)
        with h5py.File(path) as file:
            values = [file["accuracy"][:, -1], file["val_accuracy"][:, -1], file["test_accuracy"][:]]
        self.assert_drawn(drawing, values)

    def test_references(self):
        """Those of single points are crosses, one for all points is a line."""
        reference = [0.97, 0.975, 0.98, np.nan, 0.99]
        path = self.make(sweep=make_results.LOG_L2, reference=reference, reference_label="book")
        drawing = self.draw(path)["val_accuracy_vs_l2"]
        drawing.place("reference: book")
        with h5py.File(path) as file:
            final = file["val_accuracy"][:, -1]
        self.assert_drawn(drawing, [*final, *(r for r in reference if r == r)])
        self.assertEqual(len(drawing.points), 5 + 4 + 1)
        path = self.make(sweep=make_results.LOG_L2, reference=0.99, reference_label="book")
        drawing = self.draw(path)["val_accuracy_vs_l2"]
        drawing.place("reference 0.99: book")
        self.assertEqual(len(drawing.points), 5)

    def test_best_over_the_epochs(self):
        path = self.make(sweep=make_results.LAMBDAS)
        with h5py.File(path, "a") as file:
            file["val_accuracy"][:, 20] += np.linspace(0.01, 0.02, 6)
            best = file["val_accuracy"][...].max(-1)
        drawings = self.draw(path, "{x: lambda, of: best}", "{x: lambda, of: best, scale: linear}")
        self.assert_drawn(drawings["best_val_accuracy_vs_lambda"], best)
        drawings["best_val_accuracy_vs_lambda"].place("best val_accuracy")
        self.assert_drawn(drawings["best_val_accuracy_vs_lambda_2"], best)

    def test_metrics_of_heads(self):
        names = {"val_accuracy": "val_hour_accuracy", "val_loss": "val_minute_mean_absolute_error"}
        path = self.make(sweep=make_results.ACTIVATIONS, monitor="val_hour_accuracy", rename=names)
        drawings = self.draw(path, "val_minute_mean_absolute_error",
                             "{metric: [val_hour_accuracy, accuracy], panel: metric}")
        drawing = drawings["val_minute_mean_absolute_error_vs_epoch"]
        drawing.place("val_minute_mean_absolute_error")
        drawing.place("activation = tanh")
        drawing = drawings["val_hour_accuracy_accuracy_vs_epoch"]
        self.assertGreater(drawing.place("accuracy")[0] - drawing.place("hour_accuracy")[0], 300)

    def test_other_variables(self):
        """Without a colour, all combinations have a line; with one, the best of the others."""
        path = self.make(sweep={"hidden": (["one", "two"], None), **make_results.ACTIVATIONS,
                                **make_results.LAMBDAS})
        drawings = self.draw(path, "{x: lambda, scale: category}",
                             "{x: lambda, scale: category, color: hidden}")
        all_of_them = drawings["val_accuracy_vs_lambda"]
        all_of_them.place("hidden = two, activation = sigmoid")
        with h5py.File(path) as file:
            final = file["val_accuracy"][..., -1]
        self.assert_drawn(all_of_them, final)
        with open(self.path("results.html"), encoding="utf-8") as page:
            self.assertIn("several points of the sweep have one place, the best is", page.read())
        self.assertEqual(len(drawings["val_accuracy_vs_lambda_2"].points), 2 * 6 + 2)

    def test_zero_on_a_logarithmic_axis(self):
        """It has a tic of its own, and no line goes there."""
        drawing = self.draw(self.make(sweep=ZERO))["val_accuracy_vs_l2"]
        tics = drawing.tics("l2")
        self.assertEqual([label for label, _ in tics], ["0", "1e-06", "1e-05", "0.0001", "0.001"])
        np.testing.assert_allclose(np.diff([x for _, x in tics], 2), 0, atol=0.1)
        with open(self.path("results.html"), encoding="utf-8") as page:
            self.assertIn("0 has a place of its own on the logarithmic axis", page.read())

    def test_long_tic_labels(self):
        """They end within the canvas, and do not touch one another."""
        sweep = {"seed_of_data": ([20260101001.0, 20260101002.0, 20260101003.0], "linear")}
        drawing = self.draw(self.make(sweep=sweep))["val_accuracy_vs_seed_of_data"]
        tics, letter = drawing.tics("seed_of_data"), 7.2  # pixels, of Helvetica's digits
        self.assertEqual(tics[-1][0], "20260101003")
        ends = [x + letter * len(label) / 2 for label, x in tics]
        starts = [x - letter * len(label) / 2 for label, x in tics]
        self.assertLess(ends[-1], drawing.width)
        self.assertTrue(all(end < start for end, start in zip(ends, starts[1:])))

    def test_first_epochs_of_a_long_run(self):
        """They are within the frame."""
        path = self.make(epochs=100)
        with h5py.File(path, "a") as file:
            for name in ("loss", "val_loss"):
                file[name][...] = np.concatenate([[12, 11, 10], np.linspace(1, 0.5, 97)])
        drawing = self.draw(path)["learning_curves"]
        self.assertGreaterEqual(max(float(word) for word in drawing.words()
                                    if re.fullmatch(r"\d+", word) and int(word) < 20), 12)

    def test_scales_of_epochs(self):
        """Also of one epoch."""
        for epochs in (1, 9, 40):
            path = self.make(epochs=epochs)
            for scale in ("log", "category"):
                with self.subTest(epochs=epochs, scale=scale):
                    drawing = self.draw(path, f"{{metric: loss, scale: {scale}}}")["loss_vs_epoch"]
                    self.assertEqual(len(drawing.points), {1: 1, 9: 9, 40: 8}[epochs])
                    power = scale == "log" and epochs == 40  # of ten, the exponent raised
                    self.assertIn("100" if power else "1", drawing.words())

    def test_color_bars(self):
        """Their titles are whole, beside the numbers."""
        name = "val_minute_hand_of_the_clock_mean_absolute_error"
        path = self.make(sweep={"l2": ([0.1, 0.5], "linear"), "units": ([1.0, 2.0], "linear")},
                         monitor=name, rename={"val_accuracy": name})
        drawing = self.draw(path)["all_points"]
        title, letter = f"final {name}", 7.2
        x, y = drawing.place(title)
        self.assertGreater(y - letter * len(title) / 2, 0)
        self.assertLess(y + letter * len(title) / 2, drawing.height)
        numbers = [(at, text) for text, at, *_, anchor in drawing.texts
                   if anchor == "start" and re.fullmatch(r"0\.\d+", text)]
        self.assertGreater(len(numbers), 2)
        self.assertLess(max(at + letter * len(text) for at, text in numbers), x - 6)

    def test_job(self):
        """What a job describes is checked and drawn, and --figure goes before it."""
        figure = {"metric": ["loss", "val_loss"], "x": "units", "scale": "category"}
        job = make_job(sweep={"units": [4, 8]}, model=[{"dense": "$units"},
                       {"dense": {"units": 10, "activation": "softmax"}}], figures=[figure])
        self.write_job(job)
        self.assertIn("figures:", self.lockstep("check", "job.yaml").stdout)
        self.lockstep("run", "job.yaml")
        results = self.path("results/small.h5")
        self.assertEqual(set(self.draw(results)), {"loss_val_loss_vs_units"})
        self.assertEqual(set(self.draw(results, "accuracy")),
                         {"loss_val_loss_vs_units", "accuracy_vs_epoch"})
        self.lockstep("report", results, "--svg", self.path("models"), "--figure", "diagram: true")
        self.assertEqual(os.listdir(self.path("models")), ["diagram.svg"])
        root = xml.etree.ElementTree.parse(self.path("models/diagram.svg")).getroot()
        texts = ["".join(node.itertext()) for node in root.iter() if node.tag.endswith("}text")]
        for text in ("units=4", "units=8"):
            self.assertTrue(any(text in other for other in texts), texts)
        self.write_job({**job, "figures": ["loss"]})
        self.lockstep("run", "job.yaml")  # continues
        self.assertIn("loss_vs_epoch",
                      self.draw(results, options=["--figures", "job.yaml"]))
        self.write_job(job)
        for changes, message in {
            'figures[0].metric=los': "figures[0]: metric: unknown metric 'los' (did you mean 'loss'?)",
            'figures[0].x=unit': "figures[0]: x: unknown variable 'unit' (did you mean 'units'?)",
            'figures[0].colour=units': "figures[0]: unknown key 'colour' (did you mean 'color'?)",
            'figures[0].color=units': "figures[0]: x and color name the same variable",
            'figures[0].x=epoch': None,
            'figures[0].metric=test_loss': "metric: unknown metric 'test_loss'",
        }.items():
            with self.subTest(changes):
                done = self.lockstep("check", "job.yaml", "--set", changes,
                                     status=2 if message else 0)
                self.assertIn(message or "", done.stderr)

    def test_refused(self):
        path = self.make(sweep={**make_results.LOG_L2, "drop": (["20%", "50%"], None),
                                "shift": ([-1.0, 1.0], "linear")}, tested=True)
        for figure, message in {
            "{metric: val_acuracy}": "--figure: figures[0]: metric: unknown metric 'val_acuracy' "
                                     "(did you mean 'val_accuracy'?)",
            "{x: drop, scale: log}": "scale: drop has texts as values (expected category)",
            "{x: shift, scale: log}": "scale: shift has values below 0",
            "test_accuracy": "metric: test_accuracy is measured once, after training",
            "{metric: learning_rate, x: l2, of: best}": "of: learning_rate has no best value",
            "{of: best}": "has 'of' (expected it with a variable as x)",
            "{panel: metrics}": "panel: unknown variable 'metrics' (did you mean 'metric'?)",
            "{x: [l2]}": "x: found a list (expected a text)",
            "{x": "--figure: not valid YAML: ",
            "{color: replicate}": "color: unknown variable 'replicate'",
            "{diagram: true, x: l2}": "has 'diagram' and keys of a figure of values",
            "{diagram: true}": "records no layers",
        }.items():
            with self.subTest(figure):
                done = self.lockstep("report", path, "--figure", figure, status=2)
                self.assertRegex(done.stderr, r"\Alockstep: .*\n\Z")
                self.assertIn(message, done.stderr)
        for arguments in ((path, path), ("--summary", path)):
            done = self.lockstep("report", *arguments, "--figure", "loss", status=2)
            self.assertIn("--", done.stderr)


if __name__ == "__main__":
    common.main()
