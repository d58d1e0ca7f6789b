"""Looking for a student in everything that a server has on disk, byte by byte."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import zstandard

from coursepulse.privacy.pseudonyms import Pseudonyms

#: Asks every table of a ClickHouse folder, in a process of its own: an engine opens one folder in its life.
_ASK = """
import sys
from coursepulse.store.clickhouse.connect import open_clickhouse
client = open_clickhouse(f"chdb://{sys.argv[1]}", 512)
columns = client.query(
    "SELECT c.table, c.name FROM system.columns AS c INNER JOIN system.tables AS t "
    "ON t.database = c.database AND t.name = c.table "
    "WHERE c.database = currentDatabase() AND t.engine LIKE '%MergeTree' AND c.type = 'UUID'").result_rows
for table, column in columns:
    count = client.query(f"SELECT count() FROM {table} WHERE {column} = '{sys.argv[2]}'").result_rows[0][0]
    if count:
        print(table, column, count)
"""


def pseudonym_of(data: Path, external_id: str) -> bytes:
    """The pseudonym that the server on ``data`` gives to an id."""
    return Pseudonyms((data / "pseudonym.key").read_bytes()).of(external_id)


def find_traces(data: Path, pseudonym: bytes, *texts: str) -> list[str]:
    """Where the pseudonym or one of the texts is still to be found, in words."""
    needles = {"pseudonym": pseudonym, "pseudonym as ClickHouse has it": pseudonym[7::-1] + pseudonym[:7:-1]}
    needles |= {"hex": pseudonym.hex().encode(), "UUID": str(UUID(bytes=pseudonym)).encode()}
    needles |= {"HEX": pseudonym.hex().upper().encode()}
    needles |= {text: text.encode() for text in texts}
    found = [
        f"{name} in {place}"
        for place, content in (*_files(data), *_log_blocks(data))
        for name, needle in needles.items()
        if needle in content
    ]
    return found + _in_clickhouse(data / "clickhouse", pseudonym)


def _files(data: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(data.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(data)), path.read_bytes()


def _log_blocks(data: Path) -> Iterator[tuple[str, bytes]]:
    with sqlite3.connect(data / "log" / "events.sqlite") as db:
        for position, body in db.execute("SELECT position, body FROM blocks"):
            yield f"log block {position}", zstandard.decompress(body)


def _in_clickhouse(folder: Path, pseudonym: bytes) -> list[str]:
    command = [sys.executable, "-c", _ASK, str(folder), str(UUID(bytes=pseudonym))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()
