"""JupyterHub for a room: a seat for each attendee on one machine. See README.md here.

    jupyterhub -f hub/jupyterhub_config.py

The same file serves the container (Dockerfile), the load test (measure.py) and
`make hub`. Without any setting it serves 20 seats to this machine only. At each start
it writes cards.html: a card for each seat to cut out, with address, name and password.
"""

import contextlib
import html
import itertools
import json
import os
import re
import secrets
import shutil
import sys
from pathlib import Path

from jupyterhub.auth import LocalAuthenticator

from utils.files import replacing

c = get_config()  # noqa: F821  JupyterHub defines it

HERE = Path(__file__).resolve().parent
HOUR = 3600
LOOPBACK = "127.0.0.1", "localhost"

# Environment variables, WORKSHOP_SEATS and so on: (default, pattern, what is wanted).
SETTINGS = {
    "SEATS": ("20", ".+", "a number n: seat-01 to seat-n; or a file, a name a line"),
    "PASSWORD": ("", ".{8,}|", "one for all, 8 letters or more; without, each has one"),
    "DATA": ("auto", ".+", "the room's mnist.npz, as in the lessons"),
    "FAST": ("0", ".+", "1: a tenth of the data"),
    "MEMORY": ("3G", r"[1-9]\d*(\.\d+)?[MGT]", "for each process, such as 3G or 500M"),
    "ACCOUNTS": ("0", "[01]", "1: each seat has a Unix account; the hub runs as root"),
    "PROCESSES": ("500", r"[1-9]\d+", "processes and threads of a seat's account"),
    "HUB_IP": ("127.0.0.1", r"localhost|\d+(\.\d+){3}", "where to listen, in IPv4"),
    "HUB_PORT": ("8000", r"[1-9]\d{0,3}|[1-5]\d{4}", "a number from 1 to 59999"),
    "HUB_URL": ("", r"(https?://[^/\s]+/?)?", "what all type: https://example.org"),
    "HUB_STATE": (f"{HERE.parent}/build/hub", ".+", "the folder for secrets and homes"),
}


def setting(name):
    """An environment variable, an empty one counts as none; exits where it is wrong."""
    default, pattern, wanted = SETTINGS[name]
    value = os.environ.get(f"WORKSHOP_{name}") or default
    if not re.fullmatch(pattern, value):
        sys.exit(f"WORKSHOP_{name} is {value!r}; wanted: {wanted}")
    return value


def seats(given):
    """The names that may sign in: seat-01 to seat-n, or the lines of a file."""
    if re.fullmatch("[1-9][0-9]*", given):
        return [f"seat-{number:02}" for number in range(1, int(given) + 1)]
    try:
        names = Path(given).read_text("utf-8").split()
    except (OSError, ValueError) as error:  # it is not there, or no text
        sys.exit(f"WORKSHOP_SEATS is {given!r}; wanted: a number, or a file: {error}")
    bad = [name for name in names if not re.fullmatch("[a-z][a-z0-9-]{0,30}", name)]
    if bad or not names:
        wanted = "small letters, digits and hyphens, a letter first, as in ada-l"
        sys.exit(f"WORKSHOP_SEATS, file {given}: {bad or 'no names'}; wanted: {wanted}")
    return names


def read(file):
    """What `keep` has kept as JSON; {} where there is no file yet."""
    return json.loads(file.read_bytes()) if file.exists() else {}


def keep(file, content):
    """Write text that only the hub's user may read: the whole file or nothing."""
    with replacing(file) as new:
        new.touch(mode=0o600)
        new.write_text(content, "utf-8")


def numbers(file, names):
    """{name: number of its Unix account}, for good, so nobody gets another's home.

    `file` keeps the numbers and only grows. A name new to it keeps the owner of its
    home, if it has one; else it gets a number from 2000 on that nobody has. Exits where
    a name is an account that the hub did not make.
    """
    import pwd  # which Windows has not

    kept = read(file)
    homes = {home.name: home.lstat().st_uid for home in Path("/home").glob("*")}
    taken = {*kept.values(), *homes.values(), *(user.pw_uid for user in pwd.getpwall())}
    free = (number for number in itertools.count(2000) if number not in taken)
    # A hub from before there was this file has made accounts, too.
    made = names if not file.exists() and database.exists() else list(kept)
    for name in names:
        if name not in kept:
            number = homes[name] if name in homes else next(free)
            if number < 2000 or number in kept.values():
                sys.exit(
                    f"/home/{name} belongs to number {number}; wanted one from 2000 on "
                    f"that only {name} has: chown -R it, or take another name"
                )
            kept[name] = number
        with contextlib.suppress(KeyError):  # no account yet
            if pwd.getpwnam(name).pw_uid != kept[name] or name not in made:
                sys.exit(
                    f"{name} is an account of this machine that the hub did not make; "
                    "take another name"
                )
    keep(file, json.dumps(kept, indent=1))
    return {name: kept[name] for name in names}


def passwords(file, names):
    """{name: password}: the room's if it has one, else made once for each name.

    12 signs, 48 bits, none of which looks like another: a to f, 0 to 9.
    """
    if one := setting("PASSWORD"):
        return dict.fromkeys(names, one)
    kept = {name: secrets.token_hex(6) for name in names} | read(file)
    keep(file, json.dumps(kept, indent=1))
    return {name: kept[name] for name in names}


def end_sessions_of_others(now, file):
    """If a name had another password at a start before: end all sessions and tokens.

    They are in the hub's database, and nothing else is. `file` keeps the passwords.
    """
    last = read(file)
    if not last or any(last.get(name, now[name]) != now[name] for name in now):
        for old in state.glob(f"{database.name}*"):
            old.unlink()
    keep(file, json.dumps(last | now))


def cards(address, passwords):
    """A page of cards to cut out, one for each name."""
    style = "columns: 2; font: 16pt sans-serif"
    card = "border: 1px dashed; padding: 1em; margin: 0 0 1em; break-inside: avoid"
    return f'<!DOCTYPE html><meta charset="utf-8"><body style="{style}">' + "".join(
        f'<p style="{card}">{html.escape(address)}<br>Name: <b>{name}</b><br>'
        f"Password: <b>{html.escape(password)}</b></p>"
        for name, password in passwords.items()
    )


state = Path(setting("HUB_STATE")).resolve()
state.mkdir(parents=True, exist_ok=True)
state.chmod(0o700)  # also where it was there before, as a container's volume is
database = state / "hub.sqlite"
names = seats(setting("SEATS"))
accounts = setting("ACCOUNTS") == "1"
ip = setting("HUB_IP")
if ip not in LOOPBACK and not accounts:
    sys.exit(
        f"WORKSHOP_HUB_IP is {ip}, but all attendees would run as one user, who may "
        "read the hub's secrets. Set WORKSHOP_ACCOUNTS=1 and start the hub as root, "
        "best in its container; or leave WORKSHOP_HUB_IP out."
    )

# Where it listens. The hub's own ports, 8081 and 8001, are always on loopback.
c.JupyterHub.bind_url = f"http://{ip}:{setting('HUB_PORT')}"
if setting("HUB_URL"):  # where it is https, cookies are never sent without
    c.JupyterHub.public_url = setting("HUB_URL").rstrip("/") + "/"
secure = {"xsrf_cookie_kwargs": {"secure": setting("HUB_URL").startswith("https")}}
c.JupyterHub.tornado_settings = secure
proxy, npms = "configurable-http-proxy", HERE / "node_modules" / ".bin"
c.ConfigurableHTTPProxy.command = shutil.which(proxy, path=npms) or proxy
c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")
c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
c.JupyterHub.db_url = f"sqlite:///{database}"


# Who may sign in: these names, with their passwords. Nobody is an admin.
class RoomAuthenticator(LocalAuthenticator):
    """A password for each name, and where wanted a Unix account."""

    async def authenticate(self, handler, data):
        """The name, where the form has its password; else None."""
        name = self.normalize_username(data["username"])  # phones begin with a capital
        given, wanted = data["password"].strip(), passwords_now.get(name, "")
        good = secrets.compare_digest(given.encode(), wanted.encode())
        return name if wanted and good else None

    async def add_user(self, user):
        """Called for each user in the database. Who makes it raise is deleted there,
        with all sessions and tokens; files stay."""
        if user.name not in names:
            raise ValueError(f"{user.name} is not on the list of seats any more")
        if accounts:
            await super().add_user(user)


c.JupyterHub.authenticator_class = RoomAuthenticator
c.Authenticator.delete_invalid_users = True
c.Authenticator.allowed_users = set(names)
c.Authenticator.allow_existing_users = False  # a name off the list is out
c.Authenticator.admin_users = set()
c.LocalAuthenticator.create_system_users = accounts
useradd = "useradd --create-home --key=HOME_MODE=0700 --shell=/bin/bash"
c.LocalAuthenticator.add_user_cmd = useradd.split()
if accounts:
    c.LocalAuthenticator.uids = numbers(state / "numbers.json", names)
passwords_now = passwords(state / "passwords.json", names)
end_sessions_of_others(passwords_now, state / "last.json")
address = setting("HUB_URL") or c.JupyterHub.bind_url
keep(state / "cards.html", cards(address, passwords_now))

# What each gets: a server of its own, which seat.py prepares.
c.JupyterHub.spawner_class = "localprocess" if accounts else "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(state / "home" / "{username}")
c.Spawner.cmd = [sys.executable, str(HERE / "seat.py")]
c.Spawner.mem_limit = setting("MEMORY")
# Each kernel would otherwise start a thread for each core.
threads = str(max(1, (os.cpu_count() or 1) // len(names)))
kinds = "OMP_NUM", "OPENBLAS_NUM", "TF_NUM_INTRAOP", "TF_NUM_INTEROP"
c.Spawner.environment = {f"{kind}_THREADS": threads for kind in kinds}
c.Spawner.environment["WORKSHOP_DATA"] = setting("DATA")
c.Spawner.environment["WORKSHOP_FAST"] = setting("FAST")
if accounts:  # without, it would be one limit for all
    c.Spawner.environment["WORKSHOP_PROCESSES"] = setting("PROCESSES")

# A whole room presses "Sign in" in the same minute: nobody is turned away, all wait.
c.JupyterHub.concurrent_spawn_limit = len(names)
c.Spawner.start_timeout = c.Spawner.http_timeout = 180

# What is not used is stopped: a kernel after an hour, a server after two. The files
# stay. Lunch is shorter than that.
c.Spawner.args = [
    # Otherwise each could listen to the others' outputs on the ports of their kernels.
    "--KernelManager.transport_encryption=auto",
    f"--MappingKernelManager.cull_idle_timeout={HOUR}",
    "--MappingKernelManager.cull_connected=True",
    "--MappingKernelManager.cull_interval=60",
    # On a busy machine an answer may take a while: do not hang up after 30 s.
    "--ServerApp.websocket_ping_interval=90000",
    # The first page is megabytes of JavaScript, for a whole room at once.
    f"--ServerApp.tornado_settings={secure | {'compress_response': True}}",
]
if not accounts and hasattr(os, "geteuid") and os.geteuid() == 0:
    c.Spawner.args.append("--allow-root")  # as in a container of CI

culler = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={2 * HOUR}"]
scopes = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
c.JupyterHub.services = [{"name": "idle-culler", "command": culler}]
c.JupyterHub.load_roles = [
    {"name": "idle-culler", "services": ["idle-culler"], "scopes": scopes}
]
