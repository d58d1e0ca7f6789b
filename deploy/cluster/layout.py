"""Where the parts of the cluster listen and keep their files, and the secrets that they share."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from coursepulse.bench import gateway
from coursepulse.kit.errors import SettingError

#: What can be left out, each with what it is for.
PARTS = {
    "kafka": "three brokers",
    "redis": "a Redis Cluster of three masters and three replicas",
    "replica": "a second PostgreSQL that follows the first",
    "proxy": "HAProxy in front of the servers",
    "campus": "a simulated campus that sends events",
    "flink": "stream processors in Apache Flink",
    "airflow": "Apache Airflow, which plans the jobs",
    "superset": "Apache Superset with the dashboards",
}

#: Parts that take minutes to install and gigabytes to run: only where they are named.
HEAVY = frozenset({"flink", "airflow", "superset"})

#: What a part does not run without.
_NEEDS = {"flink": "kafka", "airflow": "proxy", "superset": "proxy"}

ROOT = Path(__file__).resolve().parents[2]

HOST = "127.0.0.1"


class Layout(NamedTuple):
    """One cluster: its folder, its ports, and its parts."""

    data: Path
    port: int
    base: int
    parts: frozenset[str]

    @property
    def socket(self) -> Path:
        """Where the supervisor is asked."""
        return self.data / "supervisor.sock"

    @property
    def config(self) -> Path:
        """The supervisor's own file."""
        return self.data / "supervisord.conf"

    @property
    def postgres(self) -> int:
        """Port of the primary; the replica has the next."""
        return self.base + 1

    @property
    def clickhouse(self) -> int:
        """Port of what stands for a ClickHouse server."""
        return self.base + 3

    @property
    def kafka(self) -> list[int]:
        """Ports of the brokers; each has its controller on the next one."""
        return [self.base + 10, self.base + 12, self.base + 14]

    @property
    def redis(self) -> list[int]:
        """Ports of the nodes."""
        return [self.base + 20 + number for number in range(6)]

    @property
    def flink(self) -> int:
        """Port of the job manager's web interface; task managers reach it at the next one."""
        return self.base + 45

    @property
    def airflow(self) -> int:
        """Port of Airflow's pages."""
        return self.base + 47

    @property
    def superset(self) -> int:
        """Port of Superset's pages."""
        return self.base + 48

    def server(self, number: int) -> int:
        """Port of one of our own servers."""
        return self.base + 30 + number

    def has(self, part: str) -> bool:
        """Whether a part was not left out."""
        return part in self.parts

    def remember(self) -> None:
        """Keep what :func:`recall` reads."""
        kept = _Kept(self.port, self.base, sorted(self.parts))
        (self.data / "layout.json").write_bytes(msgspec.json.encode(kept))

    def secret(self, name: str) -> str:
        """A random text that is made once and kept with the data."""
        path = self.data / "secrets" / name
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(24))
        return path.read_text()

    def dsn(self, user: str, port: int | None = None, database: str = "coursepulse") -> str:
        """An address of PostgreSQL."""
        return f"postgresql://{user}:{self.secret(user)}@{HOST}:{port or self.postgres}/{database}"

    @property
    def database(self) -> str:
        """Where our servers find the primary: at either of two addresses, once the replica has been promoted."""
        alone = self.dsn("coursepulse_login")
        if not self.has("replica"):
            return alone
        both = f"{HOST}:{self.postgres},{HOST}:{self.postgres + 1}"
        return alone.replace(f"{HOST}:{self.postgres}", both) + "?target_session_attrs=read-write"

    @property
    def clickhouse_url(self) -> str:
        """The address of what stands for a ClickHouse server."""
        password = quote(gateway.PASSWORD)
        return f"http://{gateway.USER}:{password}@{HOST}:{self.clickhouse}/default"

    @property
    def api_key(self) -> str:
        """The key of the simulated campus."""
        return self.secret("campus")

    @property
    def url(self) -> str:
        """Where people and platforms reach the cluster."""
        return f"http://{HOST}:{self.port if self.has('proxy') else self.server(0)}"


def recall(data: Path) -> Layout:
    """The layout of the cluster that was last started in a folder.

    :raises SettingError: when none was
    """
    try:
        kept = msgspec.json.decode((data / "layout.json").read_bytes(), type=_Kept)
    except FileNotFoundError:
        raise SettingError(f"No cluster was started in {data}.") from None
    return Layout(data, kept.port, kept.base, frozenset(kept.parts))


class _Kept(msgspec.Struct):
    port: int
    base: int
    parts: list[str]


def choose_parts(wanted: str) -> frozenset[str]:
    """The parts of a list with spaces or commas; all but the heavy ones of an empty one, and every one of ``all``.

    :raises SettingError: for a part that does not exist, or lacks another
    """
    names = frozenset(wanted.replace(",", " ").split())
    if names == {"all"}:
        return frozenset(PARTS)
    if unknown := sorted(names - PARTS.keys()):
        raise SettingError(f"There is no part `{unknown[0]}`; choose from {', '.join(PARTS)}.")
    for part, needed in _NEEDS.items():
        if part in names and needed not in names:
            raise SettingError(f'The part {part} needs {needed}: WITH="{needed} {" ".join(sorted(names))}".')
    return names or frozenset(PARTS) - HEAVY


def python() -> str:
    """The interpreter that has the project."""
    return sys.executable
