"""lockstep report: the section on analyses of the page of a job, and that of the page of many
jobs."""

import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "mpi"), HERE]

import h5py
import numpy as np

import common
from common import dense, make_job
from pages import BROWSER, Page, drawn_sizes

MODEL = "results/small/trial_1/best.h5"


class AnalysesTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        job = make_job(sweep={"replicates": 2})
        self.lockstep("run", self.write_job(job), "--progress", "none")

    def text(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def sections(self, name="results/small.html"):
        """Sections of the page: (heading, the HTML below it)."""
        text = self.text(name)
        Page(text)
        if "<h2>Analyses</h2>" not in text:
            return []
        section = re.split("<h2>", text.split("<h2>Analyses</h2>")[1])[0]
        return re.findall(r"<h3>(.*?)</h3>(.*?)(?=<h3>|\Z)", section, re.S)

    def test_page(self):
        self.lockstep("report", "results/small.h5")
        self.assertEqual(self.sections(), [])
        self.lockstep("eval", MODEL, "--transform", "shift_up=0,2")
        self.lockstep("errors", "results/small/trial_2/last.h5")
        self.lockstep("embed", MODEL, "--layer", "dense", "--first", "40", "--perplexity", "5",
                      "--title", "Where <hidden> units put it", "--reference", "0.7 & more",
                      "-o", "else/where.h5")
        self.lockstep("report", "results/small.h5", "else/where.h5", "-o", "page.html")
        found = self.sections("page.html")
        self.assertEqual([heading for heading, _ in found],
                         ["Evaluation of trained models", "Errors of a classifier",
                          "Where &lt;hidden&gt; units put it"])
        for (_, html), command, figures in zip(found, ("eval", "errors", "embed"), (3, 2, 2)):
            self.assertIn(f"<code>lockstep {command} ", html)
            self.assertEqual(html.count("<figure>"), figures)
            self.assertEqual(html.count("<svg "), figures)
            self.assertNotIn("<figcaption></figcaption>", html)
        with h5py.File(self.path("results/small/trial_1/best_eval.h5")) as file:
            accuracy = file["accuracy"][0]
            shifted = file["accuracy_shift_up"][0]
        self.assertIn(f"accuracy {accuracy:.4f} (95 % interval ", found[0][1])
        self.assertIn(f"shift_up: accuracy {shifted[0]:.4f} at 0, {shifted[1]:.4f} at 2", found[0][1])
        self.assertEqual(shifted[0], accuracy)
        with h5py.File(self.path("results/small/trial_2/last_errors.h5")) as file:
            confusion = file["confusion"][()]
        wrong = confusion.sum() - confusion.trace()
        self.assertIn(f"{wrong} of 600 samples misclassified", found[1][1])
        np.fill_diagonal(confusion, 0)
        self.assertIn(f", {confusion.max()} times", found[1][1])
        self.assertIn("<li>reported: 0.7 &amp; more</li>", found[2][1])
        self.assertIn("--title &#39;Where &lt;hidden&gt; units put it&#39;", found[2][1])
        self.check_page("page.html", 9)

    def test_model(self):
        """The page has the layers and their diagram, which the results file records."""
        self.lockstep("report", "results/small.h5")
        section = self.text("results/small.html").split("<h2>Model</h2>")[1].split("<h2>")[0]
        rows = [re.findall(r"<td.*?>(.*?)</td>", row) for row in re.findall("<tr>.*", section)]
        checked = self.lockstep("check", "job.yaml").stdout.split("\nlayer ")[1].split("\n\n")[0]
        self.assertEqual([(row[0], row[-1]) for row in rows if row],
                         [(line.split()[0], line.split()[-1]) for line in
                          checked.splitlines()[1:]])
        self.assertIn("Diagram of the model", section)
        self.assertEqual(section.count("<svg "), 1)
        options = self.options()
        os.mkdir(self.path("bin"))
        os.symlink(shutil.which("gnuplot"), self.path("bin/gnuplot"))
        options["env"]["PATH"] = self.path("bin")
        options["env"]["OMPI_MCA_ess_singleton_isolated"] = "1"  # Open MPI would start orted
        subprocess.run([common.LOCKSTEP, "report", "results/small.h5"], check=True, timeout=60,
                       capture_output=True, **options)
        self.assertIn("<p>cannot run dot: ", self.text("results/small.html"))
        with h5py.File(self.path("results/small.h5"), "a") as file:
            del file["models"]
        self.lockstep("report", "results/small.h5")
        self.assertIn("The results file records no layers", self.text("results/small.html"))

    def check_page(self, name, figures):
        text = self.text(name)
        page = Page(text)
        self.assertEqual(len(page.ids), len(set(page.ids)), "ids are unique")
        self.assertIsNone(re.search(r"(src|href)=[\"'](?!#|data:)", text), "self-contained")
        self.assertEqual(page.tags.count("figure"), figures)
        self.assertLess(len(text), 1e6)
        if BROWSER:
            sizes = drawn_sizes(self, self.path(name), self.path("browser"))
            self.assertEqual(len(sizes), figures)
            self.assertGreater(min(min(size) for size in sizes), 100)

    def test_models(self):
        """Of different models each is to be unfolded; what is not recorded is counted."""
        model = ["flatten", dense("$units"), dense(10, activation="softmax")]
        job = make_job(name="two", model=model, sweep={"units": [3, 40], "replicates": 2})
        self.lockstep("run", self.write_job(job), "--progress", "none")
        with h5py.File(self.path("results/two.h5"), "a") as file:
            self.assertEqual(set(file["models"]), {"1", "2"})
            self.assertEqual(list(file["models/2/parameters"]), [0, 0, 31400, 410])
            file["models"].attrs["trials_left_out"] = 7
        self.lockstep("report", "results/two.h5")
        page = self.text("results/two.html")
        Page(page)
        section = page.split("<h2>Models</h2>")[1].split("<h2>")[0]
        self.assertEqual(re.findall("<summary>(.*?)</summary>", section),
                         ["units=3 replicate=0", "units=40 replicate=0"])
        self.assertIn("31,400", section)
        self.assertEqual(section.count("<svg "), 2)
        self.assertIn("7 more trials have other models", section)
        with h5py.File(self.path("results/two.h5"), "a") as file:
            del file["models/2/frozen"]
            file["models/2/frozen"] = np.zeros(3, "u1")
        done = self.lockstep("report", "results/two.h5", status=2)
        self.assertIn("results/two.h5: /models/2/frozen: is not laid out over the layers", done.stderr)

    def test_each_once(self):
        """A file that is in the folder and also named appears once; other files are ignored."""
        self.lockstep("errors", MODEL)
        os.symlink("trial_1/best_errors.h5", self.path("results/small/again.h5"))
        with open(self.path("results/small/trial_1/notes.h5"), "w", encoding="utf-8") as file:
            file.write("no HDF5")
        self.lockstep("report", "results/small.h5", "results/small/trial_1/best_errors.h5")
        self.assertEqual(len(self.sections()), 1)

    def test_figures_that_are_not_there(self):
        """The page says which figures are missing: one removed, one too large for the page."""
        self.lockstep("errors", MODEL)
        figure = self.path("results/small/trial_1/best_errors_{}.svg")
        os.remove(figure.format("confusion"))
        with open(figure.format("mistakes"), "a", encoding="utf-8") as file:
            file.write("<!--" + 5000000 * "x" + "-->")
        self.lockstep("report", "results/small.h5")
        (_, html), = self.sections()
        self.assertIn("(not shown: results/small/trial_1/best_errors_confusion.svg: cannot open: ", html)
        self.assertIn("(not shown: best_errors_mistakes.svg: would make this page too large", html)
        self.assertNotIn("<svg", html)
        self.lockstep("report", "results/small.h5", "--all")
        self.assertIn("<svg", self.sections()[0][1])

    def test_summary(self):
        """The page of many jobs has the analyses that are named."""
        self.lockstep("errors", MODEL, "--title", "What is *wrong*", "--reference", "< 3 %",
                      "-o", "results/small/e4_errors.h5")
        page = self.lockstep("report", "--summary", "results/small/e4_errors.h5",
                             "results/small.h5").stdout
        section = page.split("\n## Analyses\n")[1].split("\n## ")[0]
        self.assertIn("### e4_errors: What is \\*wrong\\*\n\nReported: \\< 3 %\n\nOurs:\n\n- ",
                      section)
        self.assertRegex(section, r"- small replicate=0: \d+ of 600 samples misclassified")
        self.assertIn(f"lockstep errors {MODEL} --title 'What is *wrong*' --reference '< 3 %' "
                      f"-o results/small/e4_errors.h5\n", section)
        self.lockstep("report", "--summary", "results/small/e4_errors.h5", "results/small.h5",
                      "--svg", self.path("figures"), "-o", self.path("page.md"))
        with open(self.path("page.md"), encoding="utf-8") as file:
            links = re.findall(r"(?m)^!\[.*\]\(<(.*)>\)$", file.read().replace("\\", ""))
        self.assertEqual(sorted(links), [f"figures/{name}" for name in sorted(os.listdir(self.path("figures")))])
        self.assertIn("figures/e4_errors_mistakes.svg", links)
        self.assertNotIn("## Analyses", self.lockstep("report", "--summary",
                                                      "results/small.h5").stdout)

    def test_inputs_are_kept(self):
        """No output replaces a model, results or a dataset, by whatever name it is given."""
        os.symlink(MODEL, self.path("symbolic.h5"))
        os.link(self.path(MODEL), self.path("hard.h5"))
        shutil.copy(common.digits(), self.path("data.h5"))
        layer = ("--layer", "dense")
        for words in (("eval", MODEL, "-o", MODEL), ("eval", MODEL, "-o", "symbolic.h5"),
                      ("errors", MODEL, "-o", "hard.h5"),
                      ("errors", MODEL, "-o", "results/small.h5"),
                      ("activations", MODEL, "-o", "data.h5"),
                      ("decode", MODEL, *layer, "-o", MODEL),
                      ("embed", "--dataset", "data.h5", "-o", "data.h5")):
            with self.subTest(words=words), open(self.path(words[-1]), "rb") as file:
                before = file.read()
                done = self.lockstep(*words, status=2)
                self.assertIn(f"{words[-1]}: exists and is not the file of an analysis", done.stderr)
                file.seek(0)
                self.assertEqual(file.read(), before)
        self.lockstep("eval", MODEL)
        self.lockstep("eval", MODEL)  # replaces its own
        analysis = "results/small/trial_1/best_eval.h5"
        for words, says in {
            ("-o", "a", "--csv", "a"): "a: is the page and given as --csv",
            ("--csv", "results/small.html"): "small.html: is the page and given as --csv",
            (analysis, "-o", analysis): "best_eval.h5: is an input",
            (analysis, "--csv", analysis): "best_eval.h5: is an input",
        }.items():
            with self.subTest(words=words):
                self.assertIn(says, self.lockstep("report", "results/small.h5", *words,
                                                  status=2).stderr)

    def test_refusals(self):
        self.lockstep("errors", MODEL, "-o", "e.h5")
        for arguments, says in ((["e.h5"], "e.h5: is the file of an analysis"),
                                (["--summary", "e.h5"], "e.h5: is the file of an analysis"),
                                (["results/small.h5", "results/small.h5", "e.h5"],
                                 "e.h5: analyses go with one results file"),
                                (["results/small.h5", MODEL], f"{MODEL}: is not a results file")):
            with self.subTest(arguments):
                done = self.lockstep("report", *arguments, status=2)
                lines = self.complaints(done)
                self.assertEqual(len(lines), 1, done.stderr)
                self.assertIn(says, lines[0])
        with h5py.File(self.path("e.h5"), "a") as file:
            del file.attrs["captions"]
        done = self.lockstep("report", "results/small.h5", "e.h5", status=2)
        self.assertIn("e.h5: has 2 figures and 0 captions", done.stderr)


if __name__ == "__main__":
    common.main()
