"""Checks of HTML pages: they are well-formed, and the sizes of their figures in a browser."""

import re
import shutil
import subprocess
from html.parser import HTMLParser

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
VOID = {"meta", "link", "br", "img", "hr"}

# Put at the end of a copy of the page: notes the drawn size of every figure in the document.
MEASURE = """<script>
for (const svg of document.querySelectorAll("figure svg")) {
  const box = svg.getBoundingClientRect(), drawn = svg.getBBox();
  const note = document.createElement("p");
  note.className = "measured";
  note.textContent = [box.width, box.height, drawn.width, drawn.height].join(" ");
  document.body.append(note);
}
</script>"""


class Page(HTMLParser):
    """Collects ids, tags, names of attributes and text, and checks that elements are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.tags, self.open, self.text = [], [], [], ""
        self.attributes = set()
        self.feed(text)
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.handle_startendtag(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attributes}
        self.ids += [value for name, value in attributes if name == "id"]

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data):
        self.text += data


def opened(path, folder):
    """The document that a page has become in a browser that runs its scripts, and the browser's
    log; `folder` is for the browser's own files."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    options += ["--enable-logging=stderr", "--v=0", "--user-data-dir=" + folder]
    done = subprocess.run([BROWSER, *options, "file://" + path], capture_output=True, text=True,
                          timeout=120)
    return done.stdout, done.stderr


def drawn_sizes(test, path, folder):
    """The width and height of each figure's frame and of its contents, in a browser that reports no
    error; this adds a script to the page, and the right to run it."""
    with open(path, encoding="utf-8") as file:
        page = file.read().replace("default-src 'none'", "script-src 'unsafe-inline'")
    with open(path, "w", encoding="utf-8") as file:
        file.write(page + MEASURE)
    shown, log = opened(path, folder)
    test.assertNotIn("CONSOLE", log)
    sizes = re.findall(r'<p class="measured">([^<]*)</p>', shown)
    return [[float(number) for number in size.split()] for size in sizes]
