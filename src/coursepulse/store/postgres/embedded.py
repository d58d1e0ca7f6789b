"""The bundled PostgreSQL 16: a supervised child process that listens on a unix socket only."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from coursepulse.kit.errors import SettingError, StoreUnavailable
from coursepulse.kit.sql import Queries
from coursepulse.kit.supervisor import Supervisor
from coursepulse.store.lock import FolderLock
from coursepulse.store.postgres.binaries import choose_account, find_binaries, run_as
from coursepulse.store.postgres.orphans import stop_orphans

_QUERIES = Queries("coursepulse.store.postgres.queries")

DATABASE = "coursepulse"
USER = "coursepulse"

#: sizeof(sockaddr_un.sun_path) is 108 on Linux, with the closing zero.
_LONGEST_SOCKET = 107
_SOCKET = ".s.PGSQL.5432"

_START_LOG = "start.log"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "40",
    # Memory for a laptop, with the operating system's cache as the second level.
    "shared_buffers": "160MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "2",
    # An acknowledged row survives a power cut.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Few, slow checkpoints: after each, the first write of a page costs a full page of WAL.
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    # This server is not replicated, so a rewritten table need not go through the write-ahead log; and used files of
    # that log are removed, not recycled: an erased student must not survive in them.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_recycle": "off",
    # Our statements are short; compiling them costs more than it saves.
    "jit": "off",
    # A query over a year of day partitions locks each of them and its indexes.
    "max_locks_per_transaction": "256",
    "timezone": "UTC",
    # One log file per weekday, overwritten a week later. Terse: DETAIL lines quote rows, which are personal data.
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class EmbeddedPostgres:
    """One PostgreSQL server on ``data_dir``, from :meth:`start` to :meth:`stop`.

    As root it runs as the system user ``coursepulse`` if there is one, otherwise as ``nobody``, and the
    folder belongs to that user. If it dies, it is restarted; if we are killed, it stops by itself.

    :param settings: of PostgreSQL, other than :data:`SETTINGS`
    """

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self._folder = data_dir.absolute()
        self._settings = SETTINGS | settings
        self._cluster = self._folder / "cluster"
        self._lock: FolderLock | None = None
        self._supervisor: Supervisor | None = None
        self._socket_dir = self._folder / "run"
        self._dsn = ""

    def start(self, patience: float = 60.0) -> str:
        """The DSN of the database, once it answers. A second call returns the same.

        :param patience: seconds to wait for an answer; recovery after a crash is part of it
        :raises SettingError: when it cannot run here, with the reason
        """
        if self._supervisor is not None:
            return self._dsn
        binaries = find_binaries()
        self._lock = FolderLock(self._folder, "The PostgreSQL database")
        try:
            self._begin(binaries, patience)
        except BaseException:
            self.stop()
            raise
        return self._dsn

    def stop(self, patience: float = 60.0) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        if self._supervisor is not None:
            self._supervisor.end(patience)
            self._supervisor = None
        if self._socket_dir.parent != self._folder:
            shutil.rmtree(self._socket_dir, ignore_errors=True)
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @property
    def pid(self) -> int | None:
        """Process id of the server while it is alive."""
        return self._supervisor.pid if self._supervisor else None

    def _begin(self, binaries: Path, patience: float) -> None:
        account = choose_account(self._folder)
        self._folder.chmod(0o700)
        _give(self._folder, account.uid, account.gid)
        prefix = run_as(account, self._folder, binaries)
        password = self._password()
        if not self._cluster.exists():
            self._initialise(prefix, binaries)
        stop_orphans(self._cluster)
        self._socket_dir = self._make_socket_dir(account.uid, account.gid)
        self._dsn = self._dsn_of(DATABASE, password)
        self._supervisor = Supervisor(lambda: self._spawn(prefix, binaries), "postgres")
        self._supervisor.begin()
        self._create_database(self._wait(self._dsn_of("postgres", password), patience))

    def _password(self) -> str:
        """The superuser's password: random, and made with the cluster."""
        path = self._folder / "password"
        if not self._cluster.exists():
            path.unlink(missing_ok=True)
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(fd, "w") as file:
                file.write(secrets.token_urlsafe(24))
            owner = self._folder.stat()
            _give(path, owner.st_uid, owner.st_gid)
        return path.read_text()

    def _initialise(self, prefix: list[str], binaries: Path) -> None:
        # In a separate folder, renamed when complete: a kill in between leaves nothing incomplete.
        draft = self._folder / "cluster.new"
        shutil.rmtree(draft, ignore_errors=True)
        command = [
            *prefix, str(binaries / "initdb"), "--pgdata", str(draft), "--username", USER,
            "--auth", "scram-sha-256", "--pwfile", str(self._folder / "password"),
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        if done.returncode:
            raise SettingError(f"PostgreSQL cannot be set up in {self._folder}: {_last_line(done.stderr)}")
        draft.rename(self._cluster)

    def _make_socket_dir(self, uid: int, gid: int) -> Path:
        folder = self._folder / "run"
        if len(os.fsencode(folder / _SOCKET)) > _LONGEST_SOCKET:
            folder = Path(tempfile.mkdtemp(prefix="coursepulse-"))
        folder.mkdir(mode=0o700, exist_ok=True)
        _give(folder, uid, gid)
        return folder

    def _spawn(self, prefix: list[str], binaries: Path) -> subprocess.Popen[bytes]:
        settings = self._settings | {
            "unix_socket_directories": str(self._socket_dir),
            "log_directory": str(self._folder / "log"),
        }
        command = [*prefix, str(binaries / "postgres"), "-D", str(self._cluster)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with (self._folder / _START_LOG).open("wb") as log:
            # A separate session: Ctrl-C in a terminal reaches us only, and we stop the server last.
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True
            )

    def _wait(self, dsn: str, patience: float) -> psycopg.Connection:
        deadline = time.monotonic() + patience
        while True:
            try:
                return psycopg.connect(dsn, autocommit=True, connect_timeout=5)
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise StoreUnavailable(self._excuse(error)) from None
            time.sleep(0.03)

    def _excuse(self, error: Exception) -> str:
        said = (self._folder / _START_LOG).read_text(errors="replace")
        return f"PostgreSQL in {self._folder} does not answer: {_last_line(said) or error}"

    def _create_database(self, connection: psycopg.Connection) -> None:
        with connection:
            if connection.execute(_QUERIES["find_database"], {"name": DATABASE}).fetchone() is None:
                connection.execute(_QUERIES["create_database"])

    def _dsn_of(self, database: str, password: str) -> str:
        return f"postgresql://{USER}:{password}@/{database}?host={quote(str(self._socket_dir), safe='')}"


def _give(path: Path, uid: int, gid: int) -> None:
    """Make ``path`` belong to the account that the server runs as; only root can, and only root must."""
    if os.geteuid() == 0:
        os.chown(path, uid, gid)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
