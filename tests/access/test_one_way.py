"""There is one way to the rows of students: ``metrics.run(query, viewer)``. This reads the source and the routes."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from litestar.handlers import BaseRouteHandler

import coursepulse.web
from coursepulse.store.postgres.campus import CampusStore
from coursepulse.web.http.services import Services
from coursepulse.web.routes import ROUTES

WEB = Path(coursepulse.web.__file__).parent

#: Rooms and drivers that a handler does not import, not even for their types.
CLOSED = (
    "coursepulse.store",
    "coursepulse.log",
    "coursepulse.stream",
    "coursepulse.metrics.asked",
    "coursepulse.metrics.profiles",
    "coursepulse.metrics.queries",
    "coursepulse.metrics.readers",
    "coursepulse.metrics.rights",
    "coursepulse.metrics.steps",
    "coursepulse.aggregates.rollups",
    "clickhouse_connect",
    "psycopg",
    "psycopg_pool",
    "sqlite3",
)

#: Names under which rows are fetched: the handlers have no use for them.
FETCHES = {
    "rows",
    "execute",
    "executemany",
    "fetchone",
    "fetchall",
    "query_df",
    "command",
    "connection",
}

#: Private by name only.
NAMED_TUPLE = {"_asdict", "_fields", "_make", "_replace"}

#: Stores without a row about any student: who may sign in, and which keys there are.
ACCOUNTS = tuple(f"coursepulse.store.postgres.{name}." for name in ("accounts", "keys", "sessions"))

#: What handlers may use of a service, with ``*`` for everything, and why that is not another way to student rows.
OPEN: dict[str, tuple[set[str], str]] = {
    "settings": ({"*"}, "no rows"),
    "clock": ({"*"}, "no rows"),
    "collector": (
        {"*"},
        "takes events in; its dead letters are for the key that sent them, and for the machine",
    ),
    "metrics": ({"run", "identify"}, "the one way; identify turns a caller's own id into a pseudonym"),
    "health": ({"*"}, "counts and lags"),
    "live": ({"*"}, "that something is new, never what"),
    "trail": (
        {"write", "submit", "find", "stream", "verify", "anchored", "accesses"},
        "takes entries; what it gives back is who looked, under a rule of its own (web/audit/service.py)",
    ),
    "compliance": ({"read"}, "counts over everybody; no record"),
    "privacy": (
        {"erase", "export", "find", "requests", "archive", "retention", "HANDLERS"},
        "files requests; the archive of one is given to its student, or to a key of the platform",
    ),
    "withdrawals": ({"withdraw"}, "takes events back by their ids, and says how many there were"),
    "identity": ({"*"}, "accounts, sessions and keys: who may sign in, no record"),
    "relations": ({"tie"}, "what ties the viewer, not whom"),
    "break_glass": (
        {"open", "flag", "number", "find", "find_opener", "reasons", "acknowledge", "count_flagged"},
        "who opened what and why, no record",
    ),
    "campus": (
        {method for method in vars(CampusStore) if method.startswith(("put_", "known_", "new_"))}
        | {"pseudonym", "erased_since", "teams", "titles", "any_course"},
        "takes the roster; says which ids of courses and organisations exist, and whether any does; turns an id into "
        "its pseudonym; what a roster would let people teach and lead, for the trail; "
        "what teams and courses are called, never who is in them; "
        "refuses what was made for somebody before an erasure",
    ),
}

#: The only places that get people from the roster, and why they may.
PEOPLE = {
    ("roster.api", "people"): "keys with the scope roster read back what they wrote",
    ("roster.api", "consents"): "keys with the scope roster read back what they wrote",
    ("privacy.pages", "people"): "a student's own row, or of one whose record is open: whose page it is",
    ("privacy.pages", "consents"): "the decisions of the same student",
    (
        "dashboards.titles",
        "names",
    ): "the title of a page whose cards were allowed by the metrics, or are not shown",
}


class Offence(NamedTuple):
    """A line that reaches past the one way."""

    module: str
    line: int
    what: str


def find_offences(module: str, source: str) -> Iterator[Offence]:
    """Every line of a web module that may get at rows of students in another way."""
    tree = ast.parse(source)
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    for node in ast.walk(tree):
        for what in _judge_imports(node) or _judge_attribute(module, node, parents):
            yield Offence(module, getattr(node, "lineno", 0), what)


def _judge_imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    else:
        return []
    closed = tuple(f"{room}." for room in CLOSED)
    return [
        f"imports {name}"
        for name in (f"{name}." for name in names)
        if name.startswith(closed) and not name.startswith(ACCOUNTS)
    ]


def _judge_attribute(module: str, node: ast.AST, parents: dict[ast.AST, ast.AST]) -> list[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "vars"):
        return _judge_getattr(node)
    if not isinstance(node, ast.Attribute):
        return []
    if node.attr.startswith("_") and node.attr not in NAMED_TUPLE and not _is_own(node.value):
        return [f"reaches for the private {node.attr}"]
    if isinstance(node.value, ast.Name) and node.value.id in OPEN:
        return _judge_use(module, node.value.id, node.attr)  # a service under its own name
    if node.attr in OPEN and _is_services(node.value):
        return _judge_service(module, node, parents)
    parent = parents.get(node)
    called = isinstance(parent, ast.Call) and parent.func is node and node.attr in FETCHES
    return [f"fetches with {node.attr}"] if called else []


def _judge_service(module: str, node: ast.Attribute, parents: dict[ast.AST, ast.AST]) -> list[str]:
    """A service is used at once, or kept under its own name, so that every use of it can be found."""
    parent = parents.get(node)
    if isinstance(parent, ast.Attribute):
        return _judge_use(module, node.attr, parent.attr)
    if isinstance(parent, ast.Assign | ast.AnnAssign):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        if all(isinstance(target, ast.Name) and target.id == node.attr for target in targets):
            return []
    guarded = node.attr in GUARDED and ("*" not in OPEN[node.attr][0])
    return [f"hands {node.attr} on under another name"] if guarded else []


#: Services that are nothing but a way to people: they are not passed on. The metrics may be: run() asks for a viewer.
GUARDED = {"campus", "break_glass", "relations"}


def _judge_use(module: str, service: str, method: str) -> list[str]:
    allowed, _ = OPEN[service]
    if "*" in allowed or method in allowed or (service == "campus" and (module, method) in PEOPLE):
        return []
    return [f"uses {service}.{method}"]


def _judge_getattr(node: ast.Call) -> list[str]:
    plain = len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
    hidden = not plain and any(_is_services(argument) for argument in node.args[:1])
    return ["reaches for a service by a computed name"] if hidden else []


def _is_own(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        value = value.func
    return isinstance(value, ast.Name) and value.id in ("self", "cls", "super")


def _is_services(value: ast.expr) -> bool:
    text = ast.unparse(value)
    return text.endswith(("services", "services(request)"))


def modules() -> dict[str, str]:
    """The source of everything in the web room, by its name within it."""
    return {
        ".".join(path.relative_to(WEB).with_suffix("").parts): path.read_text() for path in WEB.rglob("*.py")
    }


def test_no_handler_gets_student_rows_in_another_way() -> None:
    assert [each for name, source in modules().items() for each in find_offences(name, source)] == []


def test_every_service_has_been_thought_about() -> None:
    """A new service stands in the table above with what may be used of it, and why."""
    assert {field.name for field in dataclasses.fields(Services)} == set(OPEN)


def test_every_exception_is_still_needed() -> None:
    used = {
        (name, node.attr)
        for name, source in modules().items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name)
        if ast.unparse(node.value).endswith("campus")
    }
    assert set(PEOPLE) <= used


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: getattr(route, "handler_name", str(route)))
def test_every_route_is_served_from_the_web_room(route: object) -> None:
    """What is checked above is everything that answers a request."""
    assert isinstance(route, BaseRouteHandler)
    assert route.fn.__module__.startswith("coursepulse.web.")


HANDLER = """
from litestar import get
{imports}

@get("/v1/leak")
async def leak(request):
    services = request.app.state.services
    {body}
"""

OFFENDERS = [
    ("from coursepulse.store.postgres.campus import CampusStore", "return []"),
    ("from coursepulse.store.postgres import campus", "return []"),
    ("from coursepulse import store", "return []"),
    ("import psycopg", "return psycopg.connect('').execute('SELECT * FROM people').fetchall()"),
    (
        "from coursepulse.metrics.readers import RollupReader",
        "return RollupReader(None).rows('learner_rows', {})",
    ),
    ("", "return services.campus.people(['ann'])"),
    ("", "return services.campus.names([b''])"),
    ("", "campus = services.campus\n    return campus.names([b''])"),
    ("", "store = services.campus\n    return store.names([b''])"),
    ("", "return show(services.campus)"),
    ("", "return request.app.state.services.campus.catalog()"),
    ("", "return services.metrics._sources.rollups.rows('learner_rows', {})"),
    ("", "metrics = services.metrics\n    return metrics._sources.facts.rows('names', {})"),
    ("", "return getattr(services, request.query_params['part']).people([])"),
    ("", "return services.relations.membership(b'', '')"),
    ("", "return services.break_glass._pool.connection()"),
    ("", "return anything.connection().execute('SELECT 1')"),
]


@pytest.mark.parametrize(("imports", "body"), OFFENDERS)
def test_an_offending_handler_is_found(imports: str, body: str) -> None:
    assert list(find_offences("leak_api", HANDLER.format(imports=imports, body=body)))


def test_an_honest_handler_is_not() -> None:
    body = "return services.metrics.run(Query(metric='clicks'), viewer)"
    imports = "from coursepulse.metrics.query import Query"
    assert not list(find_offences("honest_api", HANDLER.format(imports=imports, body=body)))
