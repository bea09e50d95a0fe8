"""In a browser's tab: SciPy and scikit-learn come while one reads.

An IPython extension: half of what a tab fetches is these two, and no lesson starts with
them. They are unpacked at their first import, which fetches them where it comes first.
"""

import asyncio
import ctypes
import importlib.util
import io
import os
import site
import sys
import zipfile

MODULES = "scipy", "sklearn"


class Later:
    """Python asks this finder for a module that it does not have (sys.meta_path)."""

    def __init__(self, url):
        self.url, self.content = url, None
        self.coming = asyncio.ensure_future(self.fetch())

    async def fetch(self):
        from pyodide.http import pyfetch

        self.content = await (await pyfetch(self.url)).bytes()

    def fetch_now(self):
        from js import XMLHttpRequest

        ask = XMLHttpRequest.new()
        ask.open("GET", self.url, False)
        ask.responseType = "arraybuffer"
        ask.send()
        return ask.response.to_bytes()

    def find_spec(self, name, path=None, target=None):
        if name not in MODULES:
            return None
        sys.meta_path.remove(self)
        folder, here = site.getsitepackages()[0], os.getcwd()
        with zipfile.ZipFile(io.BytesIO(self.content or self.fetch_now())) as later:
            later.extractall(folder)
        os.chdir(folder)  # SciPy's other libraries look for this one by its bare name
        ctypes.CDLL("libopenblas.so", ctypes.RTLD_GLOBAL)
        os.chdir(here)
        importlib.invalidate_caches()
        return importlib.util.find_spec(name)


def load_ipython_extension(shell):
    from js import location

    root = location.href.partition("/extensions/")[0]
    sys.meta_path.append(Later(f"{root}/static/pyodide/later.zip"))
    shell.Completer.use_jedi = False  # there is none: Python's own names are enough
