"""Sphinx's settings for the website: `make site`. tools/site.py writes its pages."""

from tools.lessons import WORKSHOP

project = html_title = WORKSHOP["title"]
copyright = f"{WORKSHOP['club']}; CC BY 4.0"

extensions = ["myst_nb"]
nb_execution_mode = "off"  # the notebooks come with their outputs
nb_ipywidgets_js = {}  # would be fetched from another machine
myst_enable_extensions = ["attrs_block", "dollarmath"]
myst_heading_anchors = 3
highlight_language = "text"  # of what is not a cell

html_theme = "furo"
html_static_path = ["site.css", "node_modules/mathjax-svg/es5/tex-svg.js"]
html_css_files = ["site.css"]
mathjax_path = "tex-svg.js"
html_copy_source = False
html_use_index = False
# Opened from disk, a page may not read another one: the search finds the pages then,
# but does not quote them.
FROM_DISK = """\
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
"""
# What is wider than its box can be scrolled with the keys, too.
BY_KEYS = """\
const byKeys = () => {
  for (const box of document.querySelectorAll("pre, .table-wrapper, .output"))
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
};
for (const event of ["load", "toggle", "resize"]) addEventListener(event, byKeys, true);
"""
html_js_files = [(None, {"body": FROM_DISK + BY_KEYS})]


def setup(app):
    app.config.html_extra_path = [f"{app.srcdir}/extra"]  # as it is
