"""hub/: the room's JupyterHub is safe by default, and two attendees can work in it.

`make hub` installs what this needs; without it these tests are skipped.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from hub import measure

ROOT = Path(__file__).resolve().parent.parent
HUB = ROOT / "hub"
LINUX = sys.platform == "linux"


def module(name):
    """A program of hub/ as a module."""
    spec = importlib.util.spec_from_file_location(f"hub_{name}", HUB / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def tracked(folder):
    """The files of a folder that git keeps, or will."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines()]


# --- the configuration ----------------------------------------------------------


HUBS_OWN = {
    "jupyterhub": (),
    "jupyterhub.auth": ("LocalAuthenticator",),
    "jupyterhub.authenticators": (),
    "jupyterhub.authenticators.shared": ("SharedPasswordAuthenticator",),
}


@pytest.fixture
def config(monkeypatch, tmp_path):
    """A function: load jupyterhub_config.py with some settings.

    Where there is no JupyterHub, empty classes stand in for the two that it inherits
    from: what the file sets can be read without them.
    """
    if importlib.util.find_spec("jupyterhub") is None:
        for name, classes in HUBS_OWN.items():
            stand_in = types.ModuleType(name)
            for inherited in classes:
                setattr(stand_in, inherited, type(inherited, (), {}))
            monkeypatch.setitem(sys.modules, name, stand_in)
    from traitlets.config import PyFileConfigLoader

    for name in [name for name in os.environ if name.startswith("WORKSHOP_")]:
        monkeypatch.delenv(name)

    def load(state=tmp_path, **settings):
        monkeypatch.setenv("WORKSHOP_HUB_STATE", str(state))
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return PyFileConfigLoader(str(HUB / "jupyterhub_config.py")).load_config()

    return load


def test_by_default_it_listens_to_this_machine_only(config):
    c = config()
    assert c.JupyterHub.bind_url == "http://127.0.0.1:8000"
    assert "hub_ip" not in c.JupyterHub
    assert "ip" not in c.Spawner


def test_everybody_must_sign_in_and_nobody_is_admin(config):
    from jupyterhub.authenticators.shared import SharedPasswordAuthenticator

    c = config(WORKSHOP_SEATS="3")
    assert issubclass(c.JupyterHub.authenticator_class, SharedPasswordAuthenticator)
    assert c.Authenticator.allowed_users == {"seat-01", "seat-02", "seat-03"}
    assert not c.Authenticator.allow_all
    assert not c.Authenticator.allow_existing_users
    assert not c.Authenticator.admin_users
    assert "admin_password" not in c.RoomAuthenticator
    assert c.JupyterHub.active_server_limit == 3


def test_a_network_wants_an_account_for_each(config):
    with pytest.raises(SystemExit, match="WORKSHOP_ACCOUNTS=1"):
        config(WORKSHOP_HUB_IP="0.0.0.0")
    c = config(WORKSHOP_HUB_IP="0.0.0.0", WORKSHOP_ACCOUNTS="1")
    assert c.JupyterHub.spawner_class == "localprocess"
    assert c.LocalAuthenticator.create_system_users


def test_the_password_is_made_once_and_kept_from_others(config, tmp_path):
    tmp_path.chmod(0o755)  # as a container's volume is
    first = config().RoomAuthenticator.user_password
    assert re.fullmatch("([a-z]{4}-){2}[a-z]{4}", first)
    assert config().RoomAuthenticator.user_password == first
    assert config(tmp_path / "other").RoomAuthenticator.user_password != first
    if os.name == "posix":
        assert (tmp_path / "password").stat().st_mode & 0o077 == 0
        assert tmp_path.stat().st_mode & 0o077 == 0
        assert (tmp_path / "other").stat().st_mode & 0o077 == 0


def test_seats_may_be_names(config, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("ada\ngrace-h\n")
    c = config(WORKSHOP_SEATS=str(names))
    assert c.Authenticator.allowed_users == {"ada", "grace-h"}
    assert c.LocalAuthenticator.uids == {"ada": 2000, "grace-h": 2001}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Ada\n", "small letters"),
        ("../root\n", "small letters"),
        ("\n", "no names"),
        (None, "No such file"),
    ],
)
def test_bad_names_are_refused_with_a_sentence(config, tmp_path, content, message):
    names = tmp_path / "names.txt"
    if content is not None:
        names.write_text(content)
    with pytest.raises(SystemExit, match=message):
        config(WORKSHOP_SEATS=str(names))


def test_kernels_share_the_cores(config, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    for seats, threads in ("20", "1"), ("8", "1"), ("2", "4"):
        c = config(WORKSHOP_SEATS=seats)
        assert c.Spawner.environment["TF_NUM_INTRAOP_THREADS"] == threads
        assert c.Spawner.environment["OMP_NUM_THREADS"] == threads


# --- nothing secret is kept in the repository -----------------------------------

SECRETS = {
    "a key": r"BEGIN [A-Z ]*PRIVATE KEY",
    "a token": r"\b[0-9a-f]{32,}\b",
    "a password": r"(?i)password\w*\s*[:=]\s*[\"'][^\"'{]+[\"']",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_the_repository_keeps_no_secret(kind):
    for path in tracked("hub"):
        if path.name != "package-lock.json":
            found = re.search(SECRETS[kind], path.read_text("utf-8"))
            assert not found, f"{path.name}: {found[0]}"


def test_what_the_hub_writes_is_ignored_by_git():
    for path in "build/hub/password", "build/hub/cookie_secret", "build/secret.yaml":
        done = subprocess.run(["git", "check-ignore", "--quiet", path], cwd=ROOT)
        assert done.returncode == 0, path


# --- container and cluster ------------------------------------------------------


def test_the_cluster_runs_what_the_image_has():
    values = yaml.safe_load((HUB / "values.yaml").read_text("utf-8"))
    dockerfile = (HUB / "Dockerfile").read_text("utf-8")
    python, seat = values["singleuser"]["cmd"]
    assert f"python3 -m venv {python.removesuffix('/bin/python')}" in dockerfile
    workdir = re.search("^WORKDIR (.+)$", dockerfile, re.MULTILINE)[1]
    assert (ROOT / Path(seat).relative_to(workdir)).exists()
    home = values["singleuser"]["storage"]["homeMountPath"]
    assert f"--uid 1000 --create-home {Path(home).name}" in dockerfile


def test_tljh_runs_what_its_commands_install(config):
    from traitlets.config import PyFileConfigLoader

    tljh = PyFileConfigLoader(str(HUB / "tljh_config.py")).load_config().Spawner
    readme = (HUB / "README.md").read_text("utf-8")
    python, seat = tljh.cmd
    assert f"sudo {python} -m pip install -r requirements.txt" in readme
    clone = re.search(r"git clone ADDRESS-OF-THIS-REPOSITORY (\S+)", readme)[1]
    assert (ROOT / Path(seat).relative_to(clone)).exists()
    keras_home = re.search(r"sudo KERAS_HOME=(\S+)", readme)[1]
    assert tljh.environment["WORKSHOP_DATA"] == f"{keras_home}/datasets/mnist.npz"
    # On a machine where each seat has one core, as our own hub sets it.
    own = config(WORKSHOP_SEATS=str(os.cpu_count())).Spawner
    assert tljh.start_timeout == own.start_timeout
    assert tljh.http_timeout == own.http_timeout
    for name in tljh.environment.keys() - {"WORKSHOP_DATA"}:
        assert tljh.environment[name] == own.environment[name]


def test_the_dockerfile_has_no_lint():
    hadolint = shutil.which("hadolint", path=Path(sys.executable).parent)
    if hadolint is None:
        pytest.skip("no hadolint; `make hub` installs it")
    done = subprocess.run(
        [hadolint, HUB / "Dockerfile"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


# --- the seat -------------------------------------------------------------------


def test_a_copy_is_made_once_and_never_overwritten(tmp_path):
    pytest.importorskip("resource", reason="JupyterHub runs on Linux and macOS only")
    seat, folder = module("seat"), tmp_path / "workshop"
    (tmp_path / "workshop.new").mkdir()  # left by a copy that was cut off
    seat.copy_notebooks(folder)
    mine = folder / "03_dense_layers.ipynb"
    assert mine.read_bytes() == (ROOT / "notebooks" / mine.name).read_bytes()
    mine.write_text("my work")
    seat.copy_notebooks(folder)
    assert mine.read_text() == "my work"


@pytest.mark.skipif(not LINUX, reason="only Linux holds a process to this limit")
def test_the_limit_is_an_error_in_the_cell():
    code = (
        "import seat; seat.limit_memory(300_000_000)\n"
        "try: bytearray(500_000_000)\n"
        "except MemoryError: print('refused')\n"
        "print(len(bytearray(50_000_000)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HUB, capture_output=True, text=True
    )
    assert done.stdout == "refused\n50000000\n", done.stderr


# --- the report -----------------------------------------------------------------


def test_readme_shows_what_was_measured():
    rooms = json.loads(measure.RESULTS.read_text("utf-8"))
    readme = measure.README.read_text("utf-8")
    assert measure.page(readme, rooms) == readme, "hub/measure.py: save()"
    assert any(room["attendees"] >= 20 for room in rooms)
    assert all(room["failed"] == 0 for room in rooms)


def test_a_room_is_kept_in_place_of_one_like_it(monkeypatch, tmp_path):
    for name in "README", "RESULTS":
        path = shutil.copy(getattr(measure, name), tmp_path)
        monkeypatch.setattr(measure, name, Path(path))
    before = json.loads(measure.RESULTS.read_text("utf-8"))
    new = before[-1] | {"GB each": 123.45}
    measure.save(new)
    measure.save(new | {"attendees": 3})
    after = json.loads(measure.RESULTS.read_text("utf-8"))
    assert after == [*before[:-1], new | {"attendees": 3}, new]
    assert measure.README.read_text("utf-8").count("| 123.45 |") == 2


@pytest.mark.parametrize("wanted", [["0"], ["2", "101"], ["-1"], ["many"], []])
def test_a_room_has_its_bounds(wanted):
    done = subprocess.run(
        [sys.executable, "-m", "hub.measure", *wanted],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "attendees" in done.stderr
    assert "Traceback" not in done.stderr


# --- two attendees --------------------------------------------------------------


@pytest.fixture(scope="module")
def hubs():
    """Is there a JupyterHub to start?"""
    pytest.importorskip("jupyterhub", reason="no JupyterHub; `make hub` installs it")
    proxy = "configurable-http-proxy"
    places = [HUB / "node_modules" / ".bin", *os.environ["PATH"].split(os.pathsep)]
    if not shutil.which(proxy, path=os.pathsep.join(map(str, places))):
        pytest.skip(f"no {proxy}; `make hub` fetches it from npm")


@pytest.fixture(scope="module")
def room(hubs):
    """A running hub with two seats, and two attendees whose servers run."""
    with measure.Hub(2, WORKSHOP_DATA="digits", WORKSHOP_MEMORY="3G") as hub:
        hub.attendees = [measure.Attendee(hub, name) for name in hub.names]
        for attendee in hub.attendees:
            attendee.sign_in()
            attendee.start_server()
        yield hub


def test_nobody_gets_in_without_name_and_password(room):
    stranger = measure.Attendee(room, "seat-01", password="let me in please")
    with pytest.raises(measure.Failed, match="403"):
        stranger.sign_in()
    with pytest.raises(measure.Failed, match="403"):
        measure.Attendee(room, "seat-03").sign_in()
    page = stranger.ask("GET", f"{stranger.base}/lab")
    assert "/hub/login" in page.url


def test_nobody_gets_into_another_seat(room):
    one, other = room.attendees
    with pytest.raises(measure.Failed, match="403"):
        one.ask("GET", f"{other.base}/api/contents")


def test_each_works_on_a_copy(room):
    one, other = (f"{a.base}/api/contents/01_history.ipynb" for a in room.attendees)
    room.attendees[0].ask(
        "PATCH",
        one,
        json={"path": "renamed.ipynb"},
    )
    with pytest.raises(measure.Failed, match="404"):
        room.attendees[0].ask("GET", one)
    assert room.attendees[1].ask("GET", other).ok


def test_a_kernel_has_its_limits_and_no_secret(room):
    attendee = room.attendees[0]
    _, channel = attendee.open_notebook(measure.LESSON)

    def said(code):
        return "".join(part["text"] for part in measure.run_cell(channel, code))

    assert room.password not in said("import os; print(*os.environ.values())")
    threads = max(1, os.cpu_count() // 2)
    assert said("print(os.environ['OMP_NUM_THREADS'])") == f"{threads}\n"
    assert said(
        "print(os.nice(0) - os.getpriority(os.PRIO_PROCESS, os.getppid()))"
    ) == (
        "10\n"  # behind the server that started it
    )
    assert "curve_publickey" in said(
        "import ipykernel; print(open(ipykernel.get_connection_file()).read())"
    )
    if LINUX:
        with pytest.raises(measure.Failed, match="MemoryError"):
            said("too_much = bytearray(4_000_000_000)")
    assert said("print('still here')") == "still here\n"


def test_two_attendees_run_lesson_3_side_by_side(room):
    together = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        people = list(
            pool.map(lambda name: measure.attend(room, name, together), room.names)
        )
    for person in people:
        server, first_output, lesson = person.values()
        assert 0 < server < first_output < server + lesson


def test_every_port_is_on_loopback(room):
    """Hub, proxy, servers and kernels: none listens to the network."""
    listening = [
        connection.laddr.ip
        for process in room.processes()
        for connection in process.net_connections(kind="inet")
        if connection.status == "LISTEN"
    ]
    assert len(listening) > 10
    assert set(listening) == {"127.0.0.1"}


@pytest.mark.parametrize("crash", [False, True])
def test_all_that_was_started_is_ended(hubs, crash):
    with measure.Hub(1, WORKSHOP_DATA="digits") as hub:
        attendee = measure.Attendee(hub, "seat-01")
        attendee.sign_in()
        attendee.start_server()
        attendee.open_notebook(measure.LESSON)
        below = hub.processes()
        if crash:
            hub.process.kill()
            hub.process.wait()
    assert len(below) >= 4  # hub, proxy, server, kernel
    assert not any(process.is_running() for process in below)
    assert not Path(hub.folder.name).exists()
