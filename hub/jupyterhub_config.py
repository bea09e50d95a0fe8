"""JupyterHub for a room: a seat for each attendee on one machine. See README.md here.

    jupyterhub -f hub/jupyterhub_config.py

The same file serves the container (Dockerfile), the load test (measure.py) and
`make hub`. Settings are environment variables; without any it serves 20 seats to this
machine only:

WORKSHOP_SEATS      a number n: seat-01 to seat-n; or a file with a name a line
WORKSHOP_PASSWORD   the room's password, 8 letters or more; else one is made once
WORKSHOP_DATA       the room's mnist.npz, as in the lessons
WORKSHOP_MEMORY     the most that a process of an attendee may take (3G)
WORKSHOP_ACCOUNTS   "1": each seat gets a Unix account; the hub then runs as root
WORKSHOP_HUB_IP     where to listen; another than 127.0.0.1 needs accounts
WORKSHOP_HUB_PORT   (8000)
WORKSHOP_HUB_STATE  the folder for secrets, database and homes (build/hub)
"""

import contextlib
import hashlib
import itertools
import json
import os
import re
import secrets
import shutil
import sys
from pathlib import Path

from jupyterhub.auth import LocalAuthenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator

from utils.files import replacing

c = get_config()  # noqa: F821  JupyterHub defines it

HERE = Path(__file__).resolve().parent
HOUR = 3600
LOOPBACK = "127.0.0.1", "::1", "localhost"


def setting(name, default):
    """An environment variable; an empty one counts as none."""
    return os.environ.get(name) or default


def seats(given):
    """The names that may sign in: seat-01 to seat-n, or the lines of a file."""
    if re.fullmatch("[1-9][0-9]*", given):
        return [f"seat-{number:02}" for number in range(1, int(given) + 1)]
    try:
        names = Path(given).read_text("utf-8").split()
    except OSError as error:
        sys.exit(
            f"WORKSHOP_SEATS is {given!r}; wanted a number from 1 on, or a file with "
            f"one name a line: {error.strerror}"
        )
    bad = [name for name in names if not re.fullmatch("[a-z][a-z0-9-]{0,30}", name)]
    if bad or not names:
        sys.exit(
            f"WORKSHOP_SEATS, file {given}: {bad or 'no names'}; wanted small letters, "
            "digits and hyphens, a letter first, for example ada-l"
        )
    return names


def keep(file, content):
    """Write bytes that only the hub's user may read: the whole file or nothing."""
    with replacing(file) as new:
        new.touch(mode=0o600)
        new.write_bytes(content)


def numbers(file, names):
    """{name: number of its Unix account}, for good, so nobody gets another's home.

    `file` keeps the numbers and only grows. A name new to it keeps the owner of its
    home, if it has one; else it gets a number from 2000 on that nobody has. Exits where
    a name is an account that the hub did not make.
    """
    import pwd  # which Windows has not

    kept = json.loads(file.read_bytes()) if file.exists() else {}
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
    keep(file, json.dumps(kept, indent=1).encode())
    return {name: kept[name] for name in names}


def password(file):
    """The room's password: WORKSHOP_PASSWORD, else made once and kept in a file.

    12 letters without those that look alike, 55 bits: short enough for a whiteboard.
    """
    if given := setting("WORKSHOP_PASSWORD", ""):
        return given
    if not file.exists():
        letters = "abcdefghjkmnpqrstuvwxyz"
        groups = ["".join(secrets.choice(letters) for _ in range(4)) for _ in range(3)]
        keep(file, f"{'-'.join(groups)}\n".encode())
    return file.read_text("utf-8").strip()


def end_sessions_of_another(password, file):
    """If the last start had another password: end all sessions, revoke all tokens.

    They are in the hub's database, and nothing else is. `file` keeps what tells the
    password, not the password.
    """
    last = file.read_bytes() if file.exists() else b""
    salt = last[:16] or secrets.token_bytes(16)
    now = salt + hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
    if now != last:
        for old in state.glob(f"{database.name}*"):
            old.unlink()
        keep(file, now)


state = Path(setting("WORKSHOP_HUB_STATE", HERE.parent / "build" / "hub")).resolve()
state.mkdir(parents=True, exist_ok=True)
state.chmod(0o700)  # also where it was there before, as a container's volume is
database = state / "hub.sqlite"
names = seats(setting("WORKSHOP_SEATS", "20"))
accounts = setting("WORKSHOP_ACCOUNTS", "0") == "1"
ip = setting("WORKSHOP_HUB_IP", "127.0.0.1")
if ip not in LOOPBACK and not accounts:
    sys.exit(
        f"WORKSHOP_HUB_IP is {ip}, but all attendees would run as one user, who may "
        "read the hub's secrets. Set WORKSHOP_ACCOUNTS=1 and start the hub as root, "
        "best in its container; or leave WORKSHOP_HUB_IP out."
    )

# Where it listens. The hub's own ports, 8081 and 8001, are always on loopback.
host = f"[{ip}]" if ":" in ip else ip
c.JupyterHub.bind_url = f"http://{host}:{setting('WORKSHOP_HUB_PORT', '8000')}"
c.ConfigurableHTTPProxy.command = (
    shutil.which(
        "configurable-http-proxy", path=HERE / "node_modules" / ".bin"
    )  # `npm ci --prefix hub` puts it there
    or "configurable-http-proxy"
)
c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")
c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
c.JupyterHub.db_url = f"sqlite:///{database}"


# Who may sign in: these names, with the room's password. Nobody is an admin.
class RoomAuthenticator(SharedPasswordAuthenticator, LocalAuthenticator):
    """One password for the room, and where wanted a Unix account for each name."""

    async def add_user(self, user):
        """Called for each user in the database. Who makes it raise is deleted there,
        with all sessions and tokens; files stay."""
        if user.name not in names:
            raise ValueError(f"{user.name} is not on the list of seats any more")
        if accounts:
            await super().add_user(user)


c.JupyterHub.authenticator_class = RoomAuthenticator
c.Authenticator.delete_invalid_users = True
c.RoomAuthenticator.user_password = password(state / "password")
c.Authenticator.allowed_users = set(names)
c.Authenticator.allow_all = False
c.Authenticator.allow_existing_users = False  # a name off the list is out
c.Authenticator.admin_users = set()
c.LocalAuthenticator.create_system_users = accounts
c.LocalAuthenticator.add_user_cmd = [
    "useradd", "--create-home", "--key=HOME_MODE=0700", "--shell=/bin/bash",
]  # fmt: skip
if accounts:
    c.LocalAuthenticator.uids = numbers(state / "numbers.json", names)
end_sessions_of_another(c.RoomAuthenticator.user_password, state / "password.last")

# What each gets: a server of its own, which seat.py prepares.
c.JupyterHub.spawner_class = "localprocess" if accounts else "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(state / "home" / "{username}")
c.Spawner.cmd = [sys.executable, str(HERE / "seat.py")]
c.Spawner.mem_limit = setting("WORKSHOP_MEMORY", "3G")
threads = max(1, (os.cpu_count() or 1) // len(names))
c.Spawner.environment = {
    # Each kernel would otherwise start a thread for each core.
    "OMP_NUM_THREADS": str(threads),
    "OPENBLAS_NUM_THREADS": str(threads),
    "TF_NUM_INTRAOP_THREADS": str(threads),
    "TF_NUM_INTEROP_THREADS": str(threads),
    "WORKSHOP_DATA": setting("WORKSHOP_DATA", "auto"),
    "WORKSHOP_FAST": setting("WORKSHOP_FAST", "0"),
}

# A whole room presses "Sign in" in the same minute: nobody is turned away, all wait.
c.JupyterHub.active_server_limit = len(names)
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
    '--ServerApp.tornado_settings={"compress_response": True}',
]
if not accounts and hasattr(os, "geteuid") and os.geteuid() == 0:
    c.Spawner.args.append("--allow-root")  # as in a container of CI

c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [
            sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={2 * HOUR}",
        ],
    }
]  # fmt: skip
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": [
            "list:users", "read:users:activity", "read:servers", "delete:servers",
        ],
    }
]  # fmt: skip
