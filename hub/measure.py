"""Fill a room with simulated attendees, and measure what they need.

    make hub-test                              2 attendees
    make hub-test ATTENDEES="2 5 20"           three rooms, one after the other
    python hub/measure.py --save --page 2 5    the figures of README.md, with the bytes
                                               that a browser loads (needs Chromium)

Starts the hub of jupyterhub_config.py on 127.0.0.1. Each attendee signs in, starts a
server, opens a copy of lesson 3 and runs it cell by cell over the kernel's WebSocket,
as JupyterLab does; all at the same moment. Everything it starts is ended at its end.
WORKSHOP_DATA and WORKSHOP_FAST choose the data, as in the lessons. --save keeps the
results in measured.json, from which report.py writes README.md's tables.
"""

import argparse
import contextlib
import datetime
import json
import os
import platform
import re
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import psutil
import requests
import websocket

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "measured.json"
LESSON = "03_dense_layers.ipynb"
PATIENCE = 900  # seconds that one step of an attendee may take
BROWSERS = "chromium", "chromium-browser", "google-chrome", "chrome"


class Failed(Exception):
    """An attendee could not go on; the message says where and why."""


CUT_OFF = websocket.WebSocketConnectionClosedException, ConnectionError
FAILURES = Failed, OSError, requests.RequestException, websocket.WebSocketException


# --- the hub --------------------------------------------------------------------


def free_ports(n):
    """n ports of this machine that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Hub:
    """A hub on loopback with its own state in a temporary folder; a context manager.

    url, names, password: what an attendee needs. log: the file with its messages.
    settings: further environment variables of jupyterhub_config.py.
    """

    def __init__(self, seats, **settings):
        self.names = [f"seat-{number:02}" for number in range(1, seats + 1)]
        self.password = secrets.token_urlsafe()
        self.settings = settings

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="workshop-hub-")
        self.log = Path(self.folder.name) / "hub.log"
        port, hub_port, api_port = free_ports(3)
        self.url = f"http://127.0.0.1:{port}"
        command = [
            sys.executable, "-m", "jupyterhub",
            "-f", str(HERE / "jupyterhub_config.py"),
            f"--JupyterHub.hub_port={hub_port}",
            f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{api_port}",
        ]  # fmt: skip
        environment = {
            **os.environ,
            "WORKSHOP_SEATS": str(len(self.names)),
            "WORKSHOP_PASSWORD": self.password,
            "WORKSHOP_HUB_PORT": str(port),
            "WORKSHOP_HUB_STATE": self.folder.name,
            "WORKSHOP_HUB_IP": "127.0.0.1",
            "WORKSHOP_ACCOUNTS": "0",
            **self.settings,
        }
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, cwd=self.folder.name
            )
        self.process = psutil.Process(process.pid)
        self._popen = process
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait_until_it_answers(self, limit=120):
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            if self._popen.poll() is not None:
                raise Failed(f"the hub did not start:\n{self.log.read_text()[-2000:]}")
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"{self.url}/hub/health", timeout=5).ok:
                    return
            time.sleep(0.2)
        raise Failed(f"no answer from the hub in {limit} s")

    def processes(self):
        """The hub's process and all below it: proxy, servers, kernels."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return [self.process, *self.process.children(recursive=True)]
        return []

    def __exit__(self, *_):
        self.end()
        self.folder.cleanup()

    def end(self):
        """End the hub and all that it started; may be called twice."""
        below = self.processes()
        # On SIGINT the hub ends its servers and its proxy by itself.
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGINT)
        _, alive = psutil.wait_procs(below, timeout=60)
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=10)
        self._popen.wait(10)


# --- one attendee ---------------------------------------------------------------


class Attendee:
    """What a browser does for one person, without the browser."""

    def __init__(self, hub, name, password=None):
        self.hub, self.name = hub, name
        self.password = hub.password if password is None else password
        self.web = requests.Session()
        self.base = f"{hub.url}/user/{name}"

    def ask(self, method, url, **options):
        """One request; raises Failed unless the answer is good."""
        answer = self.web.request(method, url, timeout=PATIENCE, **options)
        if not answer.ok:
            raise Failed(f"{method} {url}: {answer.status_code} {answer.reason}")
        return answer

    def xsrf(self):
        """The token that JupyterHub wants back in each request of a page."""
        return next(
            cookie.value
            for cookie in self.web.cookies
            if cookie.name == "_xsrf" and cookie.path == f"/user/{self.name}/"
        )

    def sign_in(self):
        form = self.ask("GET", f"{self.hub.url}/hub/login")
        answer = self.ask(
            "POST",
            f"{self.hub.url}/hub/login?next=/hub/home",
            data={
                "username": self.name,
                "password": self.password,
                "_xsrf": re.search('name="_xsrf" value="([^"]+)"', form.text)[1],
            },
        )
        if not answer.url.endswith("/hub/home"):
            raise Failed(f"{self.name} was not let in")

    def start_server(self):
        """Press "Start My Server", wait, and load the page of JupyterLab."""
        self.ask("GET", f"{self.hub.url}/hub/spawn/{self.name}")
        url = f"{self.hub.url}/hub/api/users/{self.name}/server/progress"
        with self.ask("GET", url, stream=True) as events:
            for line in events.iter_lines(decode_unicode=True):
                if line.startswith("data: "):
                    event = json.loads(line.removeprefix("data: "))
                    if event.get("failed"):
                        raise Failed(f"no server for {self.name}: {event['message']}")
                    if event.get("ready"):
                        break
        page = self.ask("GET", f"{self.base}/lab")
        if "jupyter-config-data" not in page.text:
            raise Failed(f"{page.url} is not JupyterLab")

    def open_notebook(self, path):
        """Read a notebook of the attendee's own folder and start its kernel.

        Returns (codes, channel): the code of each code cell, the kernel's Channel.
        """
        notebook = self.ask("GET", f"{self.base}/api/contents/{path}").json()["content"]
        session = self.ask(
            "POST",
            f"{self.base}/api/sessions",
            headers={"X-XSRFToken": self.xsrf()},
            json={
                "path": path,
                "name": path,
                "type": "notebook",
                "kernel": {"name": notebook["metadata"]["kernelspec"]["name"]},
            },
        ).json()
        codes = [c["source"] for c in notebook["cells"] if c["cell_type"] == "code"]
        return codes, Channel(self, session["kernel"]["id"])

    def cookies(self):
        """The cookies that a browser sends to this attendee's server."""
        prefix = f"/user/{self.name}/"
        return [c for c in self.web.cookies if c.path in ("/", prefix)]


class Channel:
    """A kernel's WebSocket. Cut off, it connects again, as JupyterLab does; the server
    has kept the messages. cut_off counts how often."""

    def __init__(self, attendee, kernel):
        self.attendee, self.cut_off = attendee, 0
        self.address = (
            f"{attendee.base}/api/kernels/{kernel}/channels?session_id={uuid.uuid4()}"
        ).replace("http", "ws", 1)
        self.connect()

    def connect(self):
        self.socket = websocket.create_connection(
            self.address,
            timeout=PATIENCE,
            origin=self.attendee.hub.url,
            cookie="; ".join(f"{c.name}={c.value}" for c in self.attendee.cookies()),
            header={"X-XSRFToken": self.attendee.xsrf()},
        )

    def send(self, message):
        self.socket.send(json.dumps(message))

    def receive(self):
        while True:
            with contextlib.suppress(*CUT_OFF):
                if text := self.socket.recv():  # an empty one says goodbye
                    return json.loads(text)
            self.cut_off += 1
            if self.cut_off > 5:
                raise Failed("the kernel's WebSocket was cut off more than 5 times")
            self.connect()

    def close(self):
        self.socket.close()


def run_cell(channel, code):
    """Run code in a kernel; return its outputs. Raises Failed on an error."""
    request = str(uuid.uuid4())
    message = {
        "header": {
            "msg_id": request,
            "msg_type": "execute_request",
            "session": request,
            "username": "",
            "version": "5.3",
            "date": datetime.datetime.now(datetime.UTC).isoformat(),
        },
        "parent_header": {},
        "metadata": {},
        "content": {"code": code, "silent": False, "stop_on_error": False},
        "buffers": [],
        "channel": "shell",
    }
    channel.send(message)
    outputs, failure, replied, idle = [], None, False, False
    while not (replied and idle):
        answer = channel.receive()
        kind, content = answer["header"]["msg_type"], answer["content"]
        if kind == "status" and content["execution_state"] in ("restarting", "dead"):
            raise Failed(f"the kernel died in the cell {code[:60]!r}")
        if answer["parent_header"].get("msg_id") != request:
            continue
        if kind == "execute_reply":
            replied = True
            if content["status"] != "ok":
                failure = f"{content.get('ename')}: {content.get('evalue')}"
        elif kind == "status":
            idle = content["execution_state"] == "idle"
        elif kind in ("stream", "display_data", "execute_result"):
            outputs.append(content)
    if failure:
        raise Failed(f"{failure} in the cell {code[:60]!r}")
    return outputs


def attend(hub, name, together):
    """One attendee's lesson: the seconds that it took, or the failure."""
    attendee = Attendee(hub, name)
    together.wait()
    started = time.monotonic()
    try:
        attendee.sign_in()
        attendee.start_server()
        server = time.monotonic()
        codes, channel = attendee.open_notebook(LESSON)
        first_output, cells = None, []
        for code in codes:
            began = time.monotonic()
            outputs = run_cell(channel, code)
            cells.append(time.monotonic() - began)
            if outputs and first_output is None:
                first_output = time.monotonic()
        done = time.monotonic()
        channel.close()  # the kernel stays, as it does when a browser's tab is closed
    except FAILURES as error:
        return {"name": name, "failure": f"{type(error).__name__}: {error}"}
    return {
        "name": name,
        "cells": len(cells),
        "cut_off": channel.cut_off,
        "server_s": server - started,
        "first_output_s": first_output - started,
        "notebook_s": done - server,
        "slowest_cell_s": max(cells),
    }


# --- memory and processor time --------------------------------------------------


class Meter(threading.Thread):
    """Samples all processes of a hub until stop() is called.

    Memory is PSS, the proportional set size: a page that n processes share counts as
    1/n in each, so the sum over all is what the machine has given. Linux only.
    Ends the hub when the machine has less than `spare` bytes left.
    """

    def __init__(self, hub, every=1.0, spare=2e9):
        super().__init__(daemon=True)
        self.hub, self.every, self.spare = hub, every, spare
        self.owner = {}  # process -> ("seat-01", "kernel"), ("", "hub")
        self.cpu = {}  # process -> seconds of processor time so far
        self.peak = {}  # "seat-01", "hub", "all", "kernel", "server" -> bytes
        self.available = [psutil.virtual_memory().available]
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(self.every):
            self.sample()

    def stop(self):
        self.done.set()
        self.join()

    def sample(self):
        now = dict.fromkeys(("all", "kernel", "server"), 0)
        largest = {"kernel": 0, "server": 0}
        for process in self.hub.processes():
            try:
                who, kind = self.owner.get(process) or self.identify(process)
                pss = proportional_set_size(process.pid)
                times = process.cpu_times()
            except (psutil.Error, OSError):
                continue  # it has ended in the meantime
            self.cpu[process] = times.user + times.system
            now[who or "hub"] = now.get(who or "hub", 0) + pss
            now["all"] += pss
            if who:
                largest[kind] = max(largest[kind], pss)
        for name, value in (now | largest).items():
            self.peak[name] = max(self.peak.get(name, 0), value)
        self.available.append(psutil.virtual_memory().available)
        if self.available[-1] < self.spare:
            self.hub.process.terminate()

    def identify(self, process):
        """Whose process it is, told by the environment that the hub gave it."""
        who = process.environ().get("JUPYTERHUB_USER", "")
        kind = "kernel" if "ipykernel_launcher" in process.cmdline() else "server"
        self.owner[process] = who, kind if who else "hub"
        return self.owner[process]

    def cpu_seconds(self, who):
        """Processor time of an attendee ("seat-01"), or of hub and proxy ("")."""
        return sum(
            t for process, t in self.cpu.items() if self.owner[process][0] == who
        )


def proportional_set_size(pid):
    """PSS of a process in bytes, from /proc; 0 for one that is ending."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    found = re.search(r"^Pss: +(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


# --- a room ---------------------------------------------------------------------


def measure(n):
    """Fill a room with n attendees; returns what measured.json keeps about it."""
    with Hub(n) as hub:
        meter = Meter(hub, every=max(1.0, n / 5))
        meter.start()
        together = threading.Barrier(n)
        started = time.monotonic()
        with ThreadPoolExecutor(n) as pool:
            try:
                people = list(pool.map(lambda x: attend(hub, x, together), hub.names))
            except BaseException:  # Ctrl-C: the attendees end when their hub does
                hub.end()
                raise
        seconds = time.monotonic() - started
        meter.sample()
        meter.stop()
        failures = [person for person in people if "failure" in person]
        for person in failures:
            print(f"  {person['name']}: {person['failure']}")
        if failures:
            print(f"  what the hub and its servers said: {keep(hub.log)}")
    good = [person for person in people if "failure" not in person]
    result = {
        "attendees": n,
        "failures": len(failures),
        "seconds": round(seconds, 1),
        "cells": good[0]["cells"] if good else 0,
        "cut_off": sum(person["cut_off"] for person in good),
        "memory_mb": round(meter.peak["all"] / 1e6),
        "hub_mb": round(meter.peak["hub"] / 1e6),
        "server_mb": round(meter.peak["server"] / 1e6),
        "kernel_mb": round(meter.peak["kernel"] / 1e6),
        "machine_lost_mb": round((meter.available[0] - min(meter.available)) / 1e6),
        "hub_cpu_s": round(meter.cpu_seconds(""), 1),
        "attendee_mb": spread([meter.peak.get(name, 0) / 1e6 for name in hub.names], 0),
        "cpu_s": spread([meter.cpu_seconds(name) for name in hub.names], 1),
    }
    for key in "server_s", "first_output_s", "notebook_s", "slowest_cell_s":
        result[key] = spread([person[key] for person in good] or [0], 1)
    return result


def keep(log):
    """Copy a log into build/, which git ignores; returns where it is."""
    target = HERE.parent / "build" / f"hub-{time.strftime('%H%M%S')}.log"
    target.parent.mkdir(exist_ok=True)
    return shutil.copy(log, target)


def spread(values, digits):
    """[median, largest], rounded."""
    middle, most = statistics.median(values), max(values)
    return [round(x, digits) if digits else round(x) for x in (middle, most)]


def circumstances():
    """Date, machine and versions: what a number means nothing without."""
    packages = "jupyterhub", "jupyterlab", "tensorflow", "keras"
    proxy = json.loads((HERE / "package.json").read_text("utf-8"))["dependencies"]
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{processor()}, {os.cpu_count()} cores, "
        f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in packages} | proxy,
    }


def processor():
    """The processor's name, such as "AMD EPYC"."""
    with contextlib.suppress(OSError):
        text = Path("/proc/cpuinfo").read_text("utf-8")
        if found := re.search(r"model name\s*: (.+)", text):
            return found[1].strip()
    return platform.processor() or platform.machine()


def data_name():
    """Which data the attendees read, in words."""
    fast = os.environ.get("WORKSHOP_FAST", "0") not in ("", "0")
    source = os.environ.get("WORKSHOP_DATA") or "auto"
    name = "MNIST" if source.endswith(".npz") else source
    return f"{name}, a tenth (WORKSHOP_FAST=1)" if fast else f"{name}, all"


# --- the first page -------------------------------------------------------------


def measure_page():
    """What a browser loads until lesson 3 is open: the first time, and once more."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        sys.exit(f"--page needs one of {', '.join(BROWSERS)} on the PATH")
    with Hub(1) as hub, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            chromium_sandbox=os.geteuid() != 0,
            args=["--disable-quic", "--disable-background-networking"],
        )
        with browser.new_context() as context:
            page, sizes = context.new_page(), []
            network = context.new_cdp_session(page)
            network.send("Network.enable")
            network.on(
                "Network.loadingFinished",
                lambda event: sizes.append(event["encodedDataLength"]),
            )
            page.goto(hub.url)
            page.fill("[name=username]", hub.names[0])
            page.fill("[name=password]", hub.password)
            page.click("[type=submit]")
            page.locator(".jp-DirListing-item", has_text=LESSON).dblclick()
            loads = []
            for reload in (True, False):
                page.locator(".jp-Notebook").wait_for(timeout=60_000)
                page.wait_for_timeout(10_000)  # what JupyterLab loads afterwards
                loads.append({"mb": round(sum(sizes) / 1e6, 1), "files": len(sizes)})
                sizes.clear()
                if reload:
                    page.reload()
        browser.close()
    return {"first": loads[0], "again": loads[1]}


def main():
    import report  # beside this file

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("attendees", nargs="*", type=int, help="rooms to fill")
    parser.add_argument("--page", action="store_true", help="what a browser loads")
    parser.add_argument("--save", action="store_true", help="keep in measured.json")
    options = parser.parse_args()
    if sys.platform != "linux":
        sys.exit("The meter reads memory from /proc, which only Linux has.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends what it began
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {"rooms": []}
    new = []
    for n in options.attendees:
        print(f"{n} attendees, {data_name()} ...", flush=True)
        room = measure(n) | {"data": data_name(), "lesson": LESSON} | circumstances()
        new.append(room)
        print(report.table(report.MEASURED, [report.measured_row(room)]), flush=True)
        if options.save:
            kept["rooms"] = [r for r in kept["rooms"] if not same(r, room)] + [room]
            RESULTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print(report.fit_lines(new))
    if options.page:
        kept["page"] = measure_page() | circumstances()
        print(kept["page"])
        if options.save:
            RESULTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    failures = sum(room["failures"] for room in new)
    sys.exit(f"{failures} attendees could not go on" if failures else 0)


def same(room, other):
    """Whether two rooms had as many attendees and the same data."""
    return all(room[key] == other[key] for key in ("attendees", "data", "lesson"))


if __name__ == "__main__":
    main()
