"""ClickHouse as a cluster: the statements of the SQL files, as all nodes together need them.

Tables about students are spread over the shards by student: ``events_local`` on each node holds the rows, and
``events`` is the ``Distributed`` table over them, which queries read and write without knowing. Tables without students
are held whole by every node, so that joins find them. Work tables in memory belong to the node that is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.query import QueryResult

#: Where a row about a student lies. Everywhere the same, or rows with one key would not meet in one shard.
SHARDING = "cityHash64(student_id)"

#: Settings that statements on a cluster rely on, whatever the defaults of its nodes.
SETTINGS: dict[str, int | str] = {
    # The asked node answers what stands in brackets after IN and JOIN, once, and sends the rows along: so no answer
    # depends on what lies in which shard, and work tables need to be on that node alone.
    "distributed_product_mode": "global",
    "prefer_global_in_and_join": 1,
    # Otherwise each shard would run INSERT … SELECT by itself, and find work tables of its own, which are empty.
    "parallel_distributed_insert_select": 0,
    # A batch reads what it has just written: an insert returns when it is there, and all use the same replica of a
    # shard while that one is up.
    "distributed_foreground_insert": 1,
    "load_balancing": "in_order",
    "prefer_localhost_replica": 0,
    # Half an answer is none.
    "skip_unavailable_shards": 0,
    # Rows that were taken back may come again: a replicated table would drop them as a repetition.
    "insert_deduplicate": 0,
    # A change returns when every replica has made it; an erasure reads who is meant from a table in memory.
    "mutations_sync": 2,
    "alter_sync": 2,
    "allow_nondeterministic_mutations": 1,
    "distributed_ddl_output_mode": "throw",
    "distributed_ddl_task_timeout": 600,
}

#: The first words of a statement, and the name of its table.
_HEAD = re.compile(
    r"(?P<verb>CREATE TABLE IF NOT EXISTS|CREATE MATERIALIZED VIEW IF NOT EXISTS|CREATE VIEW IF NOT EXISTS|"
    r"DROP TABLE IF EXISTS|ALTER TABLE|DELETE FROM|KILL MUTATION)(?P<name> (?!WHERE)(?:\w+|\{table:Identifier\}))?"
)
_COMMENTS = re.compile(r"^\s*--.*\n", re.MULTILINE)
_ENGINE = re.compile(r"\bENGINE = (?P<engine>\w+)(?:\((?P<options>[^)]*)\))?")
_MADE_AS = re.compile(r"\bAS (?P<parent>\w+)\s+ENGINE")
_READS = re.compile(r"\b(?P<before>FROM|TO) (?P<name>\w+)")
_COLUMNS = re.compile(r"\b(?:ADD|DROP|MODIFY|RENAME|COMMENT) COLUMN\b")
_OF_EACH_NODE = re.compile(r"\bsystem\.(?:parts|mutations)\b")

_PATH = "/clickhouse/tables/{place}/{{database}}/{{table}}"


def local(table: str) -> str:
    """The table that holds the rows of one shard."""
    return f"{table}_local"


def find_sharded(statements: Iterable[str]) -> frozenset[str]:
    """The tables that have a column for the student, except those in memory, in the order of their making."""
    found: set[str] = set()
    for text in map(_bare, statements):
        head, engine = _HEAD.match(text), _ENGINE.search(text)
        if not head or not engine or engine["engine"] == "Memory":
            continue
        parent = _MADE_AS.search(text)
        if parent["parent"] in found if parent else re.search(r"^\s+student_id\s", text, re.MULTILINE):
            found.add((head["name"] or "").strip())
    return frozenset(found)


class ClusterStatements:
    """Turns a statement for one server into those for a cluster; queries and inserts stay as they are.

    :param cluster: as ``remote_servers`` of the nodes names it
    :param database: in which the tables are, on every node
    :param sharded: the tables that are spread by student
    """

    def __init__(self, cluster: str, database: str, sharded: frozenset[str]) -> None:
        self._cluster, self._database, self._sharded = cluster, database, sharded

    def statements(self, text: str) -> list[str]:
        """What to run on one node of the cluster, in this order."""
        bare = _bare(text)
        head = _HEAD.match(bare)
        if not head:
            return [self.everywhere(text)]
        verb, rest = head["verb"], bare[head.end() :]
        name = (head["name"] or "").strip()
        if verb == "CREATE TABLE IF NOT EXISTS":
            return self._create(name, rest)
        if verb == "ALTER TABLE" and _COLUMNS.search(rest) and name in self._sharded:
            return [self._on_all(verb, each, rest) for each in (local(name), name)]
        if "MATERIALIZED VIEW" in verb or "MODIFY QUERY" in rest:
            return [self._on_all(verb, name, self._read_local(rest))]
        if verb in ("ALTER TABLE", "DELETE FROM"):
            return [self._on_all(verb, self.rows_of(name), self._gather(rest))]
        return [self._on_all(verb, name, rest)]

    def everywhere(self, text: str) -> str:
        """A query about the state of the database, asked of all nodes."""
        return _OF_EACH_NODE.sub(lambda found: f"clusterAllReplicas('{self._cluster}', {found[0]})", text)

    def rows_of(self, name: str) -> str:
        """The table whose rows a change concerns."""
        return local(name) if name in self._sharded else name

    def _create(self, name: str, rest: str) -> list[str]:
        verb, engine = "CREATE TABLE IF NOT EXISTS", _ENGINE.search(rest)
        if not engine or engine["engine"] == "Memory":
            return [self._on_all(verb, name, rest)]
        if name not in self._sharded:
            return [self._on_all(verb, name, _replicate(rest, "all", "{shard}_{replica}"))]
        made_as = _MADE_AS.search(rest)
        if made_as:
            rest = rest.replace(f"AS {made_as['parent']}", f"AS {local(made_as['parent'])}", 1)
        where = f"'{self._cluster}', '{self._database}', '{local(name)}', {SHARDING}"
        over = f" AS {local(name)}\nENGINE = Distributed({where})"
        return [
            self._on_all(verb, local(name), _replicate(rest, "{shard}", "{replica}")),
            self._on_all(verb, name, over),
        ]

    def _on_all(self, verb: str, name: str, rest: str) -> str:
        return " ".join(filter(None, (verb, name, "ON CLUSTER", self._cluster))) + rest

    def _read_local(self, text: str) -> str:
        return _READS.sub(lambda found: f"{found['before']} {self.rows_of(found['name'])}", text)

    def _gather(self, text: str) -> str:
        """Each node changes its own rows, but what is meant lies in the memory of the node that was asked."""

        def replace(found: re.Match[str]) -> str:
            return f"FROM clusterAllReplicas('{self._cluster}', '{self._database}', '{found['name']}')"

        return re.sub(r"\bFROM (?P<name>\w+)", replace, text)


def _bare(text: str) -> str:
    return _COMMENTS.sub("", text + "\n").strip()


def _replicate(rest: str, place: str, replica: str) -> str:
    def replace(found: re.Match[str]) -> str:
        options = ", ".join(filter(None, (f"'{_PATH.format(place=place)}', '{replica}'", found["options"])))
        return f"ENGINE = Replicated{found['engine']}({options})"

    return _ENGINE.sub(replace, rest, count=1)


class ClusterClient:
    """A client of one node that changes all of them. Whatever is not about tables passes through."""

    def __init__(self, client: Client, spread: ClusterStatements) -> None:
        self._client, self._spread = client, spread

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def command(
        self,
        cmd: str,
        parameters: Mapping[str, object] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> object:
        """Run a statement, on every node if it changes tables."""
        done: object = None
        for statement in self._spread.statements(cmd):
            values = self._rename(parameters) if " ON CLUSTER " in statement else parameters
            done = self._client.command(
                statement, parameters=dict(values or {}), settings=dict(settings or {})
            )
        return done

    def query(
        self,
        query: str,
        parameters: Mapping[str, object] | None = None,
        **options: Any,
    ) -> QueryResult:
        """Ask; what nodes know of themselves, all of them."""
        asked = self._spread.everywhere(query)
        values = self._rename(parameters) if asked != query else parameters
        return self._client.query(asked, parameters=dict(values or {}), **options)

    def _rename(self, parameters: Mapping[str, object] | None) -> dict[str, object]:
        values = dict(parameters or {})
        match values:
            case {"table": str(name)}:
                values["table"] = self._spread.rows_of(name)
            case {"tables": list(names)}:
                values["tables"] = [self._spread.rows_of(str(name)) for name in names]
        return values
