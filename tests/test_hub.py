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
import time
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
}


@pytest.fixture
def config(monkeypatch, tmp_path):
    """A function: load jupyterhub_config.py with some settings.

    Where there is no JupyterHub, an empty class stands in for the one that it inherits
    from: what the file sets can be read without it.
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
    from jupyterhub.auth import LocalAuthenticator

    c = config(WORKSHOP_SEATS="3")
    assert issubclass(c.JupyterHub.authenticator_class, LocalAuthenticator)
    assert c.Authenticator.allowed_users == {"seat-01", "seat-02", "seat-03"}
    assert not c.Authenticator.allow_existing_users
    assert not c.Authenticator.admin_users


def test_a_network_wants_an_account_for_each(config):
    with pytest.raises(SystemExit, match="WORKSHOP_ACCOUNTS=1"):
        config(WORKSHOP_HUB_IP="0.0.0.0")
    c = config(WORKSHOP_HUB_IP="0.0.0.0", WORKSHOP_ACCOUNTS="1")
    assert c.JupyterHub.spawner_class == "localprocess"
    assert c.LocalAuthenticator.create_system_users


def test_each_seat_has_a_password_made_once_and_kept_from_others(config, tmp_path):
    tmp_path.chmod(0o755)  # as a container's volume is

    def passwords(state=tmp_path, **settings):
        config(state, **settings)
        return json.loads((state / "passwords.json").read_bytes())

    first = passwords(WORKSHOP_SEATS="3")
    assert len(set(first.values())) == 3
    assert all(re.fullmatch("[0-9a-f]{12}", one) for one in first.values())
    more = passwords(WORKSHOP_SEATS="4")
    assert first.items() < more.items()
    assert passwords(WORKSHOP_SEATS="2") == more
    assert passwords(tmp_path / "other", WORKSHOP_SEATS="3")["seat-01"] not in more
    if os.name == "posix":
        for path in tmp_path, tmp_path / "other", *tmp_path.glob("*.*"):
            assert path.stat().st_mode & 0o077 == 0, path


def test_cards_have_address_name_and_password(config, tmp_path, page):
    config(WORKSHOP_SEATS="2", WORKSHOP_HUB_URL="https://hub.example.org")
    passwords = json.loads((tmp_path / "passwords.json").read_bytes())
    page.goto((tmp_path / "cards.html").as_uri())
    assert page.locator("p").all_inner_texts() == [
        f"https://hub.example.org\nName: {name}\nPassword: {password}"
        for name, password in passwords.items()
    ]
    config(WORKSHOP_SEATS="2", WORKSHOP_HUB_URL="", WORKSHOP_PASSWORD="<b>one & all")
    page.reload()
    assert page.locator("p").all_inner_texts() == [
        f"http://127.0.0.1:8000\nName: {name}\nPassword: <b>one & all"
        for name in passwords
    ]


def test_seats_may_be_names(config, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("ada\ngrace-h\n")
    c = config(WORKSHOP_SEATS=str(names))
    assert c.Authenticator.allowed_users == {"ada", "grace-h"}


def test_a_number_belongs_to_its_name_for_good(config, tmp_path):
    pytest.importorskip("pwd", reason="Windows has no Unix accounts")
    names = tmp_path / "names.txt"

    def uids(seats):
        names.write_text("\n".join(seats))
        given = config(
            WORKSHOP_ACCOUNTS="1",
            WORKSHOP_SEATS=seats if isinstance(seats, str) else str(names),
        ).LocalAuthenticator.uids
        assert len(set(given.values())) == len(given)
        assert min(given.values()) >= 2000
        return given

    first = uids(["ada-l", "grace-h"])
    more = uids(["zoe-z", "ada-l", "grace-h"])
    assert first.items() < more.items()
    less = uids(["grace-h", "new-one"])
    assert less["grace-h"] == first["grace-h"]
    assert less["new-one"] not in more.values()
    seats = uids("3")
    assert uids(["one-more", "seat-03", "zoe-z"]).items() >= {
        ("seat-03", seats["seat-03"]),
        ("zoe-z", more["zoe-z"]),
    }


@pytest.mark.parametrize("name", ["root", "daemon", "nobody"])
def test_an_account_of_the_machine_is_no_seat(config, tmp_path, name):
    pytest.importorskip("pwd", reason="Windows has no Unix accounts")
    (tmp_path / "names.txt").write_text(f"ada-l\n{name}\n")
    for _ in range(2):  # the first try leaves nothing that lets the second pass
        with pytest.raises(SystemExit, match=f"{name} is an account of this machine"):
            config(WORKSHOP_ACCOUNTS="1", WORKSHOP_SEATS=str(tmp_path / "names.txt"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEATS", "0"),
        ("SEATS", "-1"),
        ("HUB_IP", "::1"),
        ("HUB_IP", "0"),
        ("HUB_PORT", "web"),
        ("HUB_PORT", "0"),
        ("MEMORY", "lots"),
        ("MEMORY", "0G"),
        ("MEMORY", "3 GB"),
        ("PROCESSES", "-1"),
        ("PASSWORD", "short"),
        ("ACCOUNTS", "yes"),
        ("HUB_URL", "hub.example.org"),
        ("HUB_URL", "https://hub.example.org/lessons"),
    ],
)
def test_a_bad_setting_is_refused_with_a_sentence(config, name, value):
    with pytest.raises(SystemExit) as refused:
        config(**{"WORKSHOP_ACCOUNTS": "1", f"WORKSHOP_{name}": value})
    message = str(refused.value)
    assert message.startswith(f"WORKSHOP_{name} is {value!r}; wanted")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Ada\n", "small letters"),
        ("../root\n", "small letters"),
        ("\n", "no names"),
        ("\udcff\n", "invalid start byte"),
        (None, "No such file"),
    ],
)
def test_bad_names_are_refused_with_a_sentence(config, tmp_path, content, message):
    names = tmp_path / "names.txt"
    if content is not None:
        names.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(SystemExit, match=message):
        config(WORKSHOP_SEATS=str(names))


def test_kernels_share_the_cores(config, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    for seats, threads in ("20", "1"), ("8", "1"), ("2", "4"):
        c = config(WORKSHOP_SEATS=seats)
        assert c.Spawner.environment["TF_NUM_INTRAOP_THREADS"] == threads
        assert c.Spawner.environment["OMP_NUM_THREADS"] == threads


def test_processes_are_limited_where_each_has_an_account(config):
    pytest.importorskip("pwd", reason="Windows has no Unix accounts")
    assert "WORKSHOP_PROCESSES" not in config().Spawner.environment
    c = config(WORKSHOP_ACCOUNTS="1")
    assert c.Spawner.environment["WORKSHOP_PROCESSES"] == "500"


# --- nothing secret is kept in the repository -----------------------------------

SECRETS = {
    "a key": r"BEGIN [A-Z ]*PRIVATE KEY",
    "a token": r"\b[0-9a-f]{32,}\b",
    "a password": r"(?i)password\w*\s*[:=]\s*[\"'][^\"'{%]+[\"']",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_the_repository_keeps_no_secret(kind):
    for path in tracked("hub"):
        if path.name != "package-lock.json":
            found = re.search(SECRETS[kind], path.read_text("utf-8"))
            assert not found, f"{path.name}: {found[0]}"


def test_what_the_hub_writes_is_ignored_by_git():
    for path in "build/hub/cards.html", "build/hub/cookie_secret", "build/secret.yaml":
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


def test_yaml_reads_the_clusters_password_as_text(tmp_path):
    readme = (HUB / "README.md").read_text("utf-8")
    command = re.search(r"printf .*\\\n.*secret.yaml", readme)[0]
    (tmp_path / "build").mkdir()
    for password in "12345678", "1234e567", "0x123456", "true":
        made = command.replace("$(openssl rand -hex 8)", password)
        subprocess.run(["sh", "-c", made], cwd=tmp_path, check=True)
        secret = yaml.safe_load((tmp_path / "build/secret.yaml").read_text())
        authenticator = secret["hub"]["config"]["SharedPasswordAuthenticator"]
        assert authenticator["user_password"] == password
    values = yaml.safe_load((HUB / "values.yaml").read_text("utf-8"))
    assert isinstance(values["singleuser"]["image"]["tag"], str)
    assert all(isinstance(n, str) for n in values["singleuser"]["extraEnv"].values())


def test_no_room_is_asked_whether_it_wants_news():
    off = "labextension disable @jupyterlab/apputils-extension:announcements"
    assert f"jupyter {off}" in (HUB / "Dockerfile").read_text("utf-8")
    assert f"sudo /opt/tljh/user/bin/jupyter {off}" in (HUB / "README.md").read_text()


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


def in_image(path):
    """Whether `COPY . .` takes a file, by Docker's rules: the last pattern that fits
    the path, or a folder above it, decides.
    """
    above = [path.as_posix(), *(folder.as_posix() for folder in path.parents[:-1])]
    taken = True
    for line in (HUB / "Dockerfile.dockerignore").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = re.escape(line.removeprefix("!"))
            for special, meaning in (
                (r"\*\*/", "(.*/)?"), (r"\*", "[^/]*"), (r"\[", "["), (r"\]", "]"),
                (r"\-", "-"),
            ):  # fmt: skip
                pattern = pattern.replace(special, meaning)
            if any(re.fullmatch(pattern, name) for name in above):
                taken = line.startswith("!")
    return taken


def test_the_image_has_what_it_needs():
    needed = [
        "hub/seat.py", "hub/jupyterhub_config.py", "hub/kernels/python3/kernel.json",
        "hub/requirements.txt", "hub/package-lock.json", "hub/package.json",
        "hub/.npmrc", "requirements.txt", "pyproject.toml", "LICENSE",
    ]  # fmt: skip
    needed += [path.relative_to(ROOT) for path in tracked("notebooks")]
    needed += [path.relative_to(ROOT) for path in ROOT.glob("lessons/[0-9]*.py")]
    needed += [
        path.relative_to(ROOT)
        for path in tracked("utils")
        if not path.name.startswith(".")
    ]
    for path in map(Path, needed):
        assert (ROOT / path).exists(), path
        assert in_image(path), path


def test_the_image_has_nothing_that_git_does_not_keep():
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    stray = [name.rstrip("/").replace("*", "x") for name in ignored]
    for name in [*stray, ".env", ".git", "03_dense_layers-Copy1.ipynb"]:
        for folder in "", "hub/kernels", "lessons", "notebooks/solutions", "utils/page":
            assert not in_image(Path(folder, name)), (folder, name)
            assert not in_image(Path(folder, name, "x.py")), (folder, name)
    for name in "names.txt", "hub/names.txt", "hub/secret.yaml", "notebooks/x.npz":
        assert not in_image(Path(name)), name


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


def test_a_seat_gets_the_lessons_and_nothing_else(monkeypatch, tmp_path):
    """A maintainer's own files lie in notebooks/; a container has no git to ask."""
    pytest.importorskip("resource", reason="JupyterHub runs on Linux and macOS only")
    seat, folder = module("seat"), tmp_path / "workshop"
    mine = tmp_path / "notebooks"
    shutil.copytree(ROOT / "notebooks", mine)
    for name in (
        "my_project/model.keras", "build/x", ".ipynb_checkpoints/04_cnn.ipynb", ".env",
        ".hypothesis/x", "data.csv", "solutions/mnist.npz", "mine.ipynb",
        "04_cnn-Copy1.ipynb", "solutions/my_project/04_cnn.ipynb",
    ):  # fmt: skip
        (mine / name).parent.mkdir(parents=True, exist_ok=True)
        (mine / name).write_text("mine")
    monkeypatch.setattr(seat, "NOTEBOOKS", mine)
    seat.copy_notebooks(folder)
    given = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    assert given == {
        path.relative_to(ROOT / "notebooks") for path in tracked("notebooks")
    }


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


@pytest.mark.skipif(not LINUX, reason="counts processes as Linux does")
def test_the_limit_of_processes_is_one_accounts_own():
    if os.geteuid() != 0:
        pytest.skip("root alone can become another account")
    code = (
        "import os, seat; seat.limit_processes(20); os.setuid(54321)\n"
        "started = 0\n"
        "try:\n"
        "    for _ in range(100):\n"
        "        if os.fork() == 0: os.read(0, 1); os._exit(0)\n"
        "        started += 1\n"
        "except BlockingIOError: print('refused after', started)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HUB,
        stdout=subprocess.PIPE,
        text=True,
        input="",
    )
    assert done.stdout == "refused after 19\n"


# --- the report -----------------------------------------------------------------


@pytest.mark.parametrize("wanted", [["0"], ["101"], ["-1"], ["many"], []])
def test_a_room_has_its_bounds(wanted):
    done = subprocess.run(
        [sys.executable, "-m", "hub.measure", *wanted],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "usage" in done.stderr
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


def let_in(measure, attendee, token):
    """Whether the hub still knows (the browser of an attendee, a token)."""
    hub = attendee.hub.url
    answer = measure.requests.get(
        f"{hub}/hub/api/user", headers={"Authorization": f"token {token}"}, timeout=60
    )
    assert answer.status_code in (200, 403)
    return attendee.ask("GET", f"{hub}/hub/home").url.endswith("/hub/home"), answer.ok


def test_sessions_end_with_the_name_and_with_the_password(hubs, tmp_path):
    names, tokens, browsers = tmp_path / "names.txt", {}, {}

    def start(*seats, password="the first password"):
        names.write_text("\n".join(seats))
        return measure.Hub(
            2,
            WORKSHOP_SEATS=str(names),
            WORKSHOP_PASSWORD=password,
            WORKSHOP_HUB_STATE=str(tmp_path / "state"),
        )

    def still_in(hub, name):
        attendee = measure.Attendee(hub, name)
        attendee.web.cookies.update(browsers[name])
        return let_in(measure, attendee, tokens[name])

    with start("ada", "grace") as hub:
        for name in "ada", "grace":
            attendee = measure.Attendee(hub, name, "the first password")
            attendee.sign_in()
            xsrf = [c.value for c in attendee.web.cookies if c.name == "_xsrf"]
            tokens[name] = attendee.ask(
                "POST",
                f"{hub.url}/hub/api/users/{name}/tokens",
                headers={"X-XSRFToken": xsrf[0]},
            ).json()["token"]
            browsers[name] = attendee.web.cookies
            assert let_in(measure, attendee, tokens[name]) == (True, True)
    with start("new", "ada", "grace") as hub:  # another start alone ends nothing
        assert still_in(hub, "ada") == (True, True)
        assert still_in(hub, "grace") == (True, True)
    with start("ada") as hub:
        assert still_in(hub, "ada") == (True, True)
        assert still_in(hub, "grace") == (False, False)
        assert hub.log.read_text().count("Deleting invalid user") == 2
    with start("ada", "grace") as hub:  # back on the list, with a new session only
        assert still_in(hub, "grace") == (False, False)
        measure.Attendee(hub, "grace", "the first password").sign_in()
    with start("ada", "grace", password="another password") as hub:
        assert still_in(hub, "ada") == (False, False)
        with pytest.raises(measure.Failed, match="403"):
            measure.Attendee(hub, "ada", "the first password").sign_in()
        measure.Attendee(hub, "ada", "another password").sign_in()


# --- accounts -------------------------------------------------------------------

LOAD = """
import json, os, sys
from traitlets.config import PyFileConfigLoader
hub, names, state = sys.argv[1:]
os.environ |= {
    "WORKSHOP_ACCOUNTS": "1", "WORKSHOP_SEATS": names, "WORKSHOP_HUB_STATE": state
}
config = PyFileConfigLoader(f"{hub}/jupyterhub_config.py").load_config()
print(json.dumps(config.LocalAuthenticator.uids))
"""

RUN = """
import json, os, pwd, subprocess, sys
hub, names, state = sys.argv[1:]
sys.path.insert(0, os.path.dirname(hub))
from hub import measure

def may(name, *command):
    group = pwd.getpwnam(name).pw_gid
    done = subprocess.run(
        command, user=name, group=group, extra_groups=[], capture_output=True
    )
    return done.returncode == 0

with measure.Hub(
    1, WORKSHOP_ACCOUNTS="1", WORKSHOP_SEATS=names, WORKSHOP_HUB_STATE=state
):
    homes = sorted(os.listdir("/home"))
    print(json.dumps({
        name: [home for home in homes if may(name, "touch", f"/home/{home}/work")]
        for name in open(names).read().split()
    }))
"""


@pytest.fixture
def machine(hubs, tmp_path):
    """A function: run a program as root with its own /etc and /home, and these names.

    Only the program and what it starts see them, in a mount namespace of their own;
    here they are two folders. Returns what it prints, read as JSON; or its message.
    """
    inside = ["unshare", "--mount", "sh", "-c"]
    mounts = 'mount --bind "$0/etc" /etc && mount --bind "$0/home" /home && exec "$@"'
    (tmp_path / "home").mkdir()
    if not LINUX or os.geteuid() != 0:
        pytest.skip("accounts are made by root, in a private copy of Linux's /etc")
    subprocess.run(["cp", "-a", "/etc", tmp_path / "etc"], check=True)
    tried = subprocess.run([*inside, mounts, tmp_path, "useradd", "--help"])
    if tried.returncode != 0:
        pytest.skip("this root may not mount a private /etc, or has no useradd")

    def run(program, *seats):
        names = tmp_path / "names.txt"
        names.write_text("\n".join(seats))
        arguments = [sys.executable, "-c", program, HUB, names, tmp_path / "state"]
        done = subprocess.run(
            [*inside, mounts, tmp_path, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr

    return run


def account(folder, name, number, home=True):
    """Write an account into etc/passwd of a folder, and make its home."""
    with (folder / "etc" / "passwd").open("a") as file:
        file.write(f"{name}:x:{number}:{number}::/home/{name}:/bin/sh\n")
    if home:
        (folder / "home" / name).mkdir()
        os.chown(folder / "home" / name, number, number)


def test_nobody_gets_anothers_home(machine, tmp_path):
    shutil.copytree(tmp_path / "etc", tmp_path / "image", symlinks=True)

    def new_container():
        shutil.rmtree(tmp_path / "etc")
        shutil.copytree(tmp_path / "image", tmp_path / "etc", symlinks=True)

    assert machine(RUN, "ada", "grace") == {"ada": ["ada"], "grace": ["grace"]}
    new_container()
    assert machine(RUN, "zoe", "ada") == {"ada": ["ada"], "zoe": ["zoe"]}
    back = machine(RUN, "new", "grace", "ada")
    assert back == {"new": ["new"], "grace": ["grace"], "ada": ["ada"]}


def test_homes_from_before_keep_their_owners(machine, tmp_path):
    for name, number in ("ada", 2000), ("grace", 2001):
        (tmp_path / "home" / name).mkdir()
        os.chown(tmp_path / "home" / name, number, number)
    given = machine(LOAD, "zoe", "grace")
    assert given["grace"] == 2001
    assert given["zoe"] not in (2000, 2001)
    assert machine(LOAD, "ada", "grace", "zoe") == given | {"ada": 2000}


def test_accounts_from_before_are_the_hubs_own(machine, tmp_path):
    """On a machine whose hub, with its database, is older than numbers.json."""
    account(tmp_path, "ada", 2000)
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "hub.sqlite").touch()
    assert machine(LOAD, "ada")["ada"] == 2000
    assert machine(LOAD, "zoe", "ada")["ada"] == 2000
    account(tmp_path, "grace", 3000)  # a person's, made later
    assert "grace is an account of this machine" in machine(LOAD, "grace", "ada")


def test_from_a_number_to_a_file_and_back(machine):
    """seat-01, seat-02 as a number gives them; then a list with others between them."""
    first = {"seat-01": ["seat-01"], "seat-02": ["seat-02"]}
    assert machine(RUN.replace("=names, ", "='2', "), *first) == first
    listed = machine(RUN, "ada", "seat-02", "zoe", "seat-01")
    assert listed == {**first, "ada": ["ada"], "zoe": ["zoe"]}
    assert machine(RUN.replace("=names, ", "='2', "), *first) == first


def test_a_new_container_with_the_old_volumes():
    """The image of the Dockerfile, twice, with another list: everybody's files stay."""
    for program in filter(shutil.which, ("docker", "podman")):
        if subprocess.run([program, "info"], capture_output=True).returncode == 0:
            break
    else:
        pytest.skip("no Docker and no Podman runs here; the weekly workflow has one")

    def docker(*words):
        done = subprocess.run(
            [program, *words], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.strip()

    image = f"workshop-test-{os.getpid()}"
    volumes = f"--volume={image}-state:/srv/state", f"--volume={image}-homes:/home"
    docker("build", "--quiet", "--file", "hub/Dockerfile", "--tag", image, ".")
    owners = []
    try:
        for seats in "ada\ngrace\n", "zoe\ngrace\nada\n":
            run = "run", "--detach", *volumes, "--env=WORKSHOP_SEATS=/srv/state/names"
            write = f"printf {seats!r} > /srv/state/names"
            docker("run", "--rm", *volumes, "--entrypoint=sh", image, "-c", write)
            container = docker(*run, image)
            try:
                for _ in range(60):
                    if "running at" in docker("logs", container):
                        break
                    time.sleep(1)
                homes = "cd /home && stat --format='%n %U %a' *"
                owners.append(docker("exec", container, "sh", "-c", homes).split("\n"))
            finally:
                docker("rm", "--force", container)
    finally:
        docker("volume", "rm", "--force", f"{image}-state", f"{image}-homes")
        docker("rmi", "--force", image)
    assert {"ada ada 700", "grace grace 700"} <= set(owners[0])
    assert {*owners[0], "zoe zoe 700"} == set(owners[1])


@pytest.mark.parametrize("number", [1001, 2005])
def test_a_persons_account_is_no_seat(machine, tmp_path, number):
    account(tmp_path, "ada", number)
    message = machine(LOAD, "ada")
    assert "take another name" in message
    assert "Traceback" not in message


@pytest.mark.parametrize("owner", [0, 1000, 2000])
def test_a_home_that_is_not_its_own_is_refused(machine, tmp_path, owner):
    """As an older hub left them: a newcomer had the number of the one before."""
    for name, number in ("zoe", 2000), ("ada", owner):
        (tmp_path / "home" / name).mkdir()
        os.chown(tmp_path / "home" / name, number, number)
    assert f"/home/ada belongs to number {owner};" in machine(LOAD, "zoe", "ada")


@pytest.fixture(scope="module")
def room(hubs):
    """A running hub with two seats, and two attendees whose servers run."""
    with measure.Hub(2, WORKSHOP_DATA="digits", WORKSHOP_MEMORY="3G") as hub:
        hub.attendees = [measure.Attendee(hub, name) for name in hub.passwords]
        for attendee in hub.attendees:
            attendee.sign_in()
            attendee.start_server()
        yield hub


def test_a_start_is_without_errors(room):
    said = room.log.read_text()
    assert not re.search(r"\[E .* JupyterHub ", said)
    assert "Traceback" not in said


def test_nobody_gets_in_without_name_and_password(room):
    stranger = measure.Attendee(room, "seat-01", password="let me in please")
    neighbour = measure.Attendee(room, "seat-01", password=room.passwords["seat-02"])
    nobody = measure.Attendee(room, "seat-03", password=room.passwords["seat-02"])
    for person in stranger, neighbour, nobody:
        with pytest.raises(measure.Failed, match="403"):
            person.sign_in()
    page = stranger.ask("GET", f"{stranger.base}/lab")
    assert "/hub/login" in page.url


def test_nobody_gets_into_another_seat(room):
    one, other = room.attendees
    with pytest.raises(measure.Failed, match="403"):
        one.ask("GET", f"{other.base}/api/contents")


class Caddy(measure.requests.adapters.HTTPAdapter):
    """What encrypts in front of a hub, without the encryption."""

    public = "https://hub.example.org"

    def send(self, request, **settings):
        public, request.url = request.url, request.url.replace(self.public, self.url)
        request.headers.update(
            {"Host": "hub.example.org", "X-Forwarded-Proto": "https"}
        )
        answer = super().send(request, **settings)
        request.url = answer.url = public
        return answer


def test_behind_https_every_cookie_is_secure(hubs):
    with measure.Hub(1, WORKSHOP_HUB_URL=Caddy.public) as hub:
        attendee, Caddy.url = measure.Attendee(hub, "seat-01"), hub.url
        hub.url = Caddy.public  # for the attendee
        attendee.base = f"{hub.url}/user/seat-01"
        attendee.web.mount(Caddy.public, Caddy())
        attendee.sign_in()
        attendee.start_server()
        assert attendee.ask("GET", f"{attendee.base}/api/contents").ok
        cookies = {
            (cookie.name, cookie.path): cookie for cookie in attendee.web.cookies
        }
        assert {"jupyterhub-user-seat-01", "_xsrf"} <= {name for name, _ in cookies}
        assert [name for name, cookie in cookies.items() if not cookie.secure] == []


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

    said_of_environment = said("import os; print(*os.environ.values())")
    assert not any(one in said_of_environment for one in room.passwords.values())
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
            pool.map(lambda name: measure.attend(room, name, together), room.passwords)
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
