"""What a node of ClickHouse asks of the shards, for tests: two that listen, write down, and answer with no rows.

Run as a program (``python -m tests.support.shards FOLDER``): it runs every statement of the product on an embedded
engine that takes the listeners for the shards of its cluster, and prints what each statement made them hear.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import chdb
import msgspec

from coursepulse.bench.gateway import without_peers
from coursepulse.kit.sql import Queries
from coursepulse.metrics.readers import ROLLUP_QUERIES
from coursepulse.store.clickhouse.cluster import SETTINGS, ClusterStatements, find_sharded
from coursepulse.store.clickhouse.connect import split_statements
from coursepulse.store.schema import Schema

DATABASE, CLUSTER = "campus_data", "campus"

#: Where the statements are that the product sends.
PACKAGES = (
    *("store.clickhouse.queries", "aggregates.clickhouse.reads", "aggregates.clickhouse.writes"),
    *("metrics.clickhouse", "alerts.clickhouse", "insight.clickhouse", "insight.skills.clickhouse"),
    "warehouse.clickhouse",
)

_VALUES = {
    "UUID": "00000000-0000-0000-0000-000000000001",
    "Date": "2026-03-02",
    "DateTime64": "2026-03-02 00:00:00",
    "String": "c",
    "Array": "[]",
}

#: A shard that does not answer is asked once, and says so to the one who asked.
_OF_THE_TEST = {
    "connections_with_failover_max_tries": 1,
    "use_hedged_requests": 0,
    "async_socket_for_remote": 0,
}

_CONFIG = """<clickhouse><remote_servers><{cluster}>{shards}</{cluster}></remote_servers></clickhouse>"""
_SHARD = """<shard><internal_replication>true</internal_replication>
<replica><host>127.0.0.1</host><port>{port}</port></replica></shard>"""

#: Revision of the protocol that the listener claims to speak: old enough for a short greeting.
_REVISION = 54100
_PONG, _END = b"\x04", b"\x05"


class Heard(msgspec.Struct):
    """A statement by its name, what the shards were asked for it, and the error that it ended with."""

    name: str
    asked: list[str]
    error: str = ""


class Listener:
    """A shard without a row."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(ConnectionError):
            connection.recv(65536)
            connection.sendall(
                b"\x00" + _text("ClickHouse") + _number(21) + _number(1) + _number(_REVISION) + _text("UTC")
            )
            while data := connection.recv(1 << 20):
                if data != _PONG:
                    self.heard.append(data)
                connection.sendall(_PONG if data == _PONG else _END)


def _number(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def _text(value: str) -> bytes:
    return _number(len(value)) + value.encode()


def listen(folder: Path) -> list[Heard]:
    """Run every statement."""
    shards = [Listener(), Listener()]
    config = folder / "cluster.xml"
    config.write_text(
        _CONFIG.format(cluster=CLUSTER, shards="".join(_SHARD.format(port=shard.port) for shard in shards))
    )
    connection = cast(Callable[[str], Any], chdb.connect)(f"{folder / 'engine'}?config-file={config}")
    spread = _prepare(connection)
    return [
        _hear(connection, shards, name, statement)
        for package in PACKAGES
        for name, query in _queries(package)
        for text in split_statements(query)
        for statement in spread.statements(text)
    ]


def _queries(package: str) -> Iterator[tuple[str, str]]:
    """As they are asked: some of them are made of others, which are asked by themselves nowhere."""
    for name, query in Queries(f"coursepulse.{package}").items():
        if f"{{{name}:Identifier}}" not in "".join(Queries(f"coursepulse.{package}").values()):
            yield name, ROLLUP_QUERIES.get(name, query)


def _hear(connection: Any, shards: list[Listener], name: str, statement: str) -> Heard:
    for shard in shards:
        shard.heard.clear()
    error = _run(connection, statement)
    return Heard(name, [_readable(data) for shard in shards for data in shard.heard], error)


def _prepare(connection: Any) -> ClusterStatements:
    schema = Schema("coursepulse.store.clickhouse", "ClickHouse")
    statements = [part for text in schema.texts() for part in split_statements(text)]
    connection.query(f"CREATE DATABASE {DATABASE}")
    connection.query(f"USE {DATABASE}")
    for name, value in (SETTINGS | _OF_THE_TEST).items():
        connection.query(f"SET {name} = '{value}'")
    spread = ClusterStatements(CLUSTER, DATABASE, find_sharded(statements))
    for statement in statements:
        for part in spread.statements(statement):
            connection.query(without_peers(part.encode()).decode())
    return spread


def _run(connection: Any, statement: str) -> str:
    names = {"origin": "country", "table": "events_local" if " ON CLUSTER " in statement else "events"}
    values = {
        name: names.get(name) or _VALUES.get(kind.partition("(")[0], "1")
        for name, kind in re.findall(r"\{(\w+):([^}]+)\}", statement)
    }
    try:
        connection.query(without_peers(statement.encode()).decode(), "TabSeparated", params=values)
    except RuntimeError as error:
        return str(error)
    return ""


def _readable(data: bytes) -> str:
    found = re.search(rb"(?:SELECT|INSERT) [ -~\n]*", data)
    return found[0].decode() if found else ""


def hear(folder: Path) -> list[Heard]:
    """The same, in a process of its own: an engine opens one folder in the life of a process."""
    command = [sys.executable, "-m", "tests.support.shards", str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return msgspec.json.decode(said.splitlines()[-1], type=list[Heard])


if __name__ == "__main__":
    print(json.dumps(msgspec.to_builtins(listen(Path(sys.argv[1])))), flush=True)
