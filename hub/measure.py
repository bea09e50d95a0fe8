"""Fill a room with simulated attendees; prints a row of README.md's table.

    make hub-test ATTENDEES=20
    python -m hub.measure 20 05_cross_entropy.ipynb

Starts the hub of jupyterhub_config.py on 127.0.0.1. Each attendee signs in, starts a
server, opens a copy of the lesson and runs it cell by cell over the kernel's WebSocket,
as JupyterLab does; all at the same moment. Everything it starts is ended at its end.
WORKSHOP_DATA and WORKSHOP_FAST choose the data, as in the lessons. Linux only.
"""

import argparse
import contextlib
import datetime
import json
import os
import re
import signal
import socket
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from importlib.metadata import version
from pathlib import Path
from statistics import median

import psutil
import requests
import websocket
from jupyter_client.session import Session
from requests.cookies import get_cookie_header

from tools.markdown import table
from utils.records.measured import machine, memory

CONFIG = Path(__file__).resolve().with_name("jupyterhub_config.py")
LESSON = "03_dense_layers.ipynb"
LONGEST, SPARE = 3600, 2e9  # seconds that an attendee waits; bytes left free


class Failed(Exception):
    """An attendee could not go on; the message says where and why."""


class Hub:
    """A hub on loopback with its own state in a temporary folder; a context manager.

    url, passwords ({name: password}): what attendees need. log: the file with its
    messages. settings: further environment variables of jupyterhub_config.py.
    """

    def __init__(self, seats, **settings):
        self.seats, self.settings = seats, settings
        self.known = set()  # its processes, once seen

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="workshop-hub-")
        self.log = Path(self.folder.name) / "hub.log"
        free = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
        port, hub_port, api_port = (one.getsockname()[1] for one in free)
        for one in free:
            one.close()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "jupyterhub", "-f", CONFIG]
        command += [f"--JupyterHub.hub_port={hub_port}"]
        command += [f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{api_port}"]
        environment = os.environ | {
            "WORKSHOP_SEATS": str(self.seats),
            "WORKSHOP_PASSWORD": "",
            "WORKSHOP_HUB_PORT": str(port),
            "WORKSHOP_HUB_STATE": self.folder.name,
            "WORKSHOP_HUB_IP": "127.0.0.1",
            "WORKSHOP_HUB_URL": "",
            "WORKSHOP_ACCOUNTS": "0",
            **self.settings,
        }
        with self.log.open("wb") as log:
            self.process = psutil.Popen(
                command, env=environment, stdout=log, stderr=log, cwd=self.folder.name
            )
        for _ in range(600):
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"{self.url}/hub/health", timeout=5).ok:
                    state = Path(environment["WORKSHOP_HUB_STATE"])
                    self.passwords = json.loads((state / "last.json").read_bytes())
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        said = self.log.read_text()[-2000:]
        self.__exit__()
        raise Failed(f"the hub did not start:\n{said}")

    def processes(self):
        """Its processes that run: hub, proxy, servers, kernels."""
        with contextlib.suppress(psutil.NoSuchProcess):
            hub = psutil.Process(self.process.pid)
            self.known |= {hub, *hub.children(recursive=True)}
        return [process for process in self.known if process.is_running()]

    def __exit__(self, *_):
        """End the hub and all that it started."""
        below = self.processes()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # it ends its servers by itself
        for process in psutil.wait_procs(below, timeout=60)[1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(below, timeout=10)
        self.folder.cleanup()


class Attendee:
    """What a browser does for one person, without the browser."""

    def __init__(self, hub, name, password=None):
        self.hub, self.name = hub, name
        self.password = password or hub.passwords[name]
        self.web, self.base = requests.Session(), f"{hub.url}/user/{name}"

    def ask(self, method, url, **options):
        """One request; raises Failed unless the answer is good."""
        answer = self.web.request(method, url, timeout=LONGEST, **options)
        if not answer.ok:
            raise Failed(f"{method} {url}: {answer.status_code} {answer.reason}")
        return answer

    def sign_in(self):
        form = self.ask("GET", f"{self.hub.url}/hub/login").text
        token = re.search('name="_xsrf" value="([^"]+)"', form)[1]
        words = {"username": self.name, "password": self.password, "_xsrf": token}
        url = f"{self.hub.url}/hub/login?next=/hub/home"
        if not self.ask("POST", url, data=words).url.endswith("/hub/home"):
            raise Failed(f"{self.name} was not let in")

    def start_server(self):
        """Press "Start My Server", wait, and load the page of JupyterLab."""
        self.ask("GET", f"{self.hub.url}/hub/spawn/{self.name}")
        url = f"{self.hub.url}/hub/api/users/{self.name}/server/progress"
        said = self.ask("GET", url).text  # lines of events, the last when it is ready
        if '"ready": true' not in said:
            raise Failed(f"no server for {self.name}: {said[-2000:]}")
        page = self.ask("GET", f"{self.base}/lab")
        if "jupyter-config-data" not in page.text:
            raise Failed(f"{page.url} is not JupyterLab")
        # What JupyterHub wants back in each request of a page.
        xsrf = self.web.cookies.get("_xsrf", path=f"/user/{self.name}/")
        self.web.headers["X-XSRFToken"] = xsrf

    def open_notebook(self, path):
        """Read a notebook of the attendee's own folder and start its kernel.

        Returns (codes, channel): the code of each code cell, the kernel's WebSocket.
        """
        notebook = self.ask("GET", f"{self.base}/api/contents/{path}").json()["content"]
        kernel = {"name": notebook["metadata"]["kernelspec"]["name"]}
        wanted = {"path": path, "name": path, "type": "notebook", "kernel": kernel}
        session = self.ask("POST", f"{self.base}/api/sessions", json=wanted).json()
        codes = [c["source"] for c in notebook["cells"] if c["cell_type"] == "code"]
        url = f"{self.base}/api/kernels/{session['kernel']['id']}/channels"
        cookies = get_cookie_header(self.web.cookies, requests.Request("GET", url))
        url = url.replace("http", "ws", 1)
        return codes, websocket.create_connection(url, timeout=LONGEST, cookie=cookies)


def run_cell(channel, code):
    """Run code in a kernel; return its outputs. Raises Failed on an error."""
    content = {"code": code, "silent": False, "stop_on_error": False}
    session = Session()
    request = session.msg("execute_request", content)
    channel.send(session.pack(request | {"channel": "shell"}))
    outputs, awaited = [], {"execute_reply", "idle"}
    while awaited:
        answer = json.loads(channel.recv())
        kind, content = answer["header"]["msg_type"], answer["content"]
        state = content.get("execution_state")
        if state in ("restarting", "dead"):
            raise Failed(f"the kernel died in the cell {code[:60]!r}")
        if answer["parent_header"].get("msg_id") != request["msg_id"]:
            continue
        awaited -= {kind, state}
        if kind == "error":
            said = f"{content['ename']}: {content['evalue']}"
            raise Failed(f"{said} in the cell {code[:60]!r}")
        if kind in ("stream", "display_data", "execute_result"):
            outputs.append(content)
    return outputs


def attend(hub, name, together, lesson=LESSON):
    """One attendee's lesson, in seconds: {column of README.md's table: seconds}."""
    attendee, outputs = Attendee(hub, name), []
    together.wait()
    started = time.monotonic()
    attendee.sign_in()
    attendee.start_server()
    server = time.monotonic()
    codes, channel = attendee.open_notebook(lesson)
    for code in codes:
        outputs += [time.monotonic() for _ in run_cell(channel, code)]
    return {
        "JupyterLab after s": server - started,
        "first output after s": outputs[0] - started,
        "lesson in s": time.monotonic() - server,
    }


def fill(n, lesson):
    """Fill a room with n attendees; returns its row of README.md's table."""
    together = threading.Barrier(n)
    with ThreadPoolExecutor(n) as pool, Hub(n) as hub:  # with which attendees end
        empty = most = memory(hub.processes()) / 1e9
        jobs = [(attend, hub, name, together, lesson) for name in hub.passwords]
        people = [pool.submit(*job) for job in jobs]
        while wait(people, timeout=max(1, n / 5)).not_done:
            most = max(most, memory(hub.processes()) / 1e9)
            if psutil.virtual_memory().available < SPARE:
                raise Failed("less than 2 GB of memory are left")
        if failures := [str(error) for p in people if (error := p.exception())]:
            raise Failed("\n".join([*failures, hub.log.read_text()[-4000:]]))
    times = [person.result() for person in people]
    columns = {name: [one[name] for one in times] for name in times[0]}
    source = os.environ.get("WORKSHOP_DATA") or "auto"
    source = "MNIST" if source.endswith(".npz") else source
    whole = os.environ.get("WORKSHOP_FAST", "0") in ("", "0")
    return {
        "data": f"{source}, {'all' if whole else 'a tenth (WORKSHOP_FAST=1)'}",
        "lesson": int(lesson[:2]),
        "attendees": n,
        **{name: f"{median(s):.0f} to {max(s):.0f}" for name, s in columns.items()},
        "GB in all": round(most, 1),
        "GB each": round((most - empty) / n, 2),
        "date": str(datetime.date.today()),
        "on": f"{machine()}, {psutil.virtual_memory().total / 1e9:.0f} GB",
        "with": f"jupyterhub {version('jupyterhub')}, keras {version('keras')}",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("attendees", type=int, choices=range(1, 101), metavar="N")
    parser.add_argument("lesson", nargs="?", default=LESSON)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends what it began
    options = parser.parse_args()
    try:
        room = fill(options.attendees, options.lesson)
    except Failed as error:
        sys.exit(str(error))
    print(table([*room], [room.values()]))


if __name__ == "__main__":
    main()
