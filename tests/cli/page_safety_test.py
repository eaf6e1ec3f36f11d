"""Pages made from hostile results files, analyses and figures: a browser runs no script of theirs,
and no file outside their folder appears in the page."""

import json
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "mpi"), HERE]

import h5py
import numpy as np

import common
import make_results
from pages import BROWSER, Page, opened

# Each would replace the document's title, in an element, an attribute, or after leaving one.
SCRIPT = "<script>document.title='PWNED'</script>"
HANDLER = "<img src='x' onerror=\"document.title='PWNED'\"/>"
TEXT = "\"'></title></style>--></svg>" + SCRIPT + HANDLER
SVG = f"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"
  onload="document.title='PWNED'" width="10" height="10">{SCRIPT}
<foreignObject><body xmlns="http://www.w3.org/1999/xhtml">{HANDLER}</body></foreignObject>
<style>@import url(//localhost:1/x.css); body {{ display: none }}</style>
<image href="http://localhost:1/x.png"/><a href="javascript:alert(1)"><rect id="kept"/></a>
<rect id="drawn" width="9" height="9" onload="document.title='PWNED'" fill="url(//localhost:1/#x)"/>
<animate attributeName="onload" to="document.title='PWNED'"/></svg>"""
FOLDER = "results/trial_1"


class PageSafetyTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        os.makedirs(self.path(FOLDER))

    def write_analysis(self, figures, path=f"{FOLDER}/last_errors.h5"):
        with h5py.File(self.path(path), "w") as file:
            file.attrs.update(title=TEXT, reference=TEXT, history="x: created by " + TEXT)
            for name, values in {"summary": [TEXT], "figures": figures,
                                 "captions": [TEXT for _ in figures]}.items():
                file.attrs.create(name, values, dtype=h5py.string_dtype())

    def write_results(self):
        """Every text of the file is a script: names of metrics and variables, labels, layers."""
        metric = "val_" + SCRIPT.replace("/", "\\")
        make_results.write(self.path("results.h5"), replicates=3, monitor=metric,
                           rename={"val_accuracy": metric}, reference=0.9, reference_label=TEXT,
                           sweep={"label": ([TEXT, "b"], None)})
        text = h5py.string_dtype()
        with h5py.File(self.path("results.h5"), "a") as file:
            file.attrs.update(title=TEXT, job="title: " + json.dumps(TEXT), source=TEXT, history=TEXT)
            file.attrs["selection"] = TEXT
            file["provenance"].attrs[SCRIPT.replace("/", "")] = TEXT
            if "models" in file:
                del file["models"]
            group = file.create_group("models/1")
            file["models"].attrs["trials_left_out"] = 0
            group.attrs["trial"] = TEXT
            for name in ("layer", "type", "activation", "head", "output"):
                group.create_dataset(name, data=2 * [TEXT], dtype=text)
            group["parameters"], group["frozen"] = np.zeros(2, "u8"), np.zeros(2, "u1")

    def check_page(self, path):
        with open(self.path(path), encoding="utf-8") as file:
            text = file.read()
        page = Page(text)
        self.assertNotIn("script", page.tags)
        self.assertNotIn("img", page.tags)
        self.assertNotIn("foreignobject", page.tags)
        self.assertEqual([name for name in page.attributes if name.startswith("on")], [])
        self.assertIn("default-src 'none'", text)
        # Without the policy the page is harmless, too: browsers do not see what isn't there.
        without = re.sub(r"<meta http-equiv=[^>]*>", "", text)
        self.assertNotEqual(without, text)
        for name, content in (("with.html", text), ("without.html", without)):
            shown, log = opened(self.write(name, content), self.path("browser"))
            self.assertNotIn("<title>PWNED", shown)
            self.assertNotIn("CONSOLE", log)
        return text

    def write(self, name, content):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(content)
        return self.path(name)

    @common.unittest.skipUnless(BROWSER, "no browser")
    def test_the_browser_would_run_it(self):
        """The check below finds what it looks for: the same texts unescaped, and without a policy."""
        shown, _ = opened(self.write("x.html", "<title>x</title><body>" + TEXT), self.path("b"))
        self.assertIn("<title>PWNED", shown)
        policy = ("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">")
        shown, log = opened(self.write("x.html", policy + "<title>x</title>" + TEXT), self.path("b"))
        self.assertNotIn("<title>PWNED", shown)
        self.assertIn("CONSOLE", log)

    @common.unittest.skipUnless(BROWSER, "no browser")
    def test_no_script_runs(self):
        self.write_results()
        self.write_analysis(["a.svg"])
        self.write(f"{FOLDER}/a.svg", SVG)
        self.lockstep("report", "results.h5")
        text = self.check_page("results.html")
        self.assertIn('id="analysis1-figure0-drawn"', text)
        self.assertNotIn("kept", text)
        self.assertNotIn("localhost", text)
        shutil.copy(self.path("results.h5"), self.path("other.h5"))
        self.lockstep("report", "results.h5", "other.h5", "-o", "two.html")
        self.check_page("two.html")

    def test_figures_elsewhere(self):
        """Paths, links, pipes and files other than SVG are refused as figures."""
        make_results.write(self.path("results.h5"))
        self.write("secret.svg", "<svg width='1'><text>SECRET</text></svg>")
        self.write(f"{FOLDER}/broken.svg", "<svg><g></svg>SECRET")
        os.symlink("../../secret.svg", self.path(f"{FOLDER}/link.svg"))
        os.mkfifo(self.path(f"{FOLDER}/pipe.svg"))
        names = ["../../secret.svg", self.path("secret.svg"), "link.svg", "pipe.svg", "broken.svg",
                 ".", "", "none.svg", "\n"]
        self.write_analysis(names)
        self.lockstep("report", "results.h5", f"{FOLDER}/last_errors.h5", seconds=60)
        with open(self.path("results.html"), encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn("SECRET", text)
        self.assertEqual(text.count("(not shown: "), len(names))
        for reason in ("is not in the folder of", "is a symbolic link", "is not a regular file",
                       "is not a well-formed SVG file"):
            self.assertIn(reason, text)

    def test_figures_of_the_summary(self):
        """They are static drawings, too: files that a browser may open on their own."""
        make_results.write(self.path("results.h5"))
        self.write_analysis(["a.svg"])
        self.write(f"{FOLDER}/a.svg", SVG)
        self.lockstep("report", "--summary", "--svg", "figures", "results.h5",
                      f"{FOLDER}/last_errors.h5")
        with open(self.path("figures/a.svg"), encoding="utf-8") as file:
            text = file.read()
        self.assertIn("figure-drawn", text)
        self.assertNotRegex(text, "(?i)<script|<style|<foreignobject|onload|localhost|javascript")

    def test_markdown(self):
        """The summary of many jobs has no element of HTML, no link, and no line of a text's own."""
        self.write_results()
        self.write_analysis([])
        with h5py.File(self.path(f"{FOLDER}/last_errors.h5"), "a") as file:
            file.attrs["title"] = "a\n# FORGED\n[b](javascript:alert(1))" + TEXT
            file.attrs["history"] = "x: created by a\n```\n# FORGED\n" + TEXT
        text = self.lockstep("report", "--summary", "results.h5", f"{FOLDER}/last_errors.h5").stdout
        self.assertNotRegex(text, "(?m)^ *# FORGED")
        code = re.search("(?ms)^(`{3,})sh\n.*?^\\1\n", text)[0]
        rest = text.replace(code, "")
        self.assertNotRegex(rest, r"(?<!\\)<")
        self.assertNotIn("](", rest.replace("\\](", ""))
        self.assertEqual(len(code.splitlines()), 3)


if __name__ == "__main__":
    common.main()
