"""There is one way to the rows of students: ``metrics.run(query, viewer)``.

What a handler may call is what its domain's ports say, and mypy checks it. That handlers import no store, no driver
and not the whole of the server are import contracts, and that they reach nothing private is a rule of the linter.
What none of them can say stands here.
"""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pytest
from litestar.handlers import BaseRouteHandler

import coursepulse.web
from coursepulse.web import reach
from coursepulse.web.http.services import Services
from coursepulse.web.identity.components import Identity
from coursepulse.web.live.updates import LiveUpdates
from coursepulse.web.routes import ROUTES

WEB = Path(coursepulse.web.__file__).parent
DOMAINS = sorted(path.parent.name for path in WEB.glob("*/ports.py"))

#: Names under which rows are fetched: the handlers have no use for them.
FETCHES = {
    *("rows", "execute", "executemany", "fetchone", "fetchall"),
    *("query_df", "command", "connection", "catalog", "publish"),
}

#: What gives back people, or what is known about them.
ABOUT_PEOPLE = (
    "Table",
    "KnownPerson",
    "Decided",
    "dict[bytes, str]",
    "KeptAlert",
    "AlertNames",
    "EvidenceEvent",
)

#: Who may call it, and why that is no other way to the rows of students.
ALLOWED = {
    ("metrics", "metrics", "run"): "the one way",
    ("dashboards", "metrics", "run"): "the one way",
    ("roster", "campus", "people"): "keys with the scope roster read back what they wrote",
    ("roster", "campus", "consents"): "keys with the scope roster read back what they wrote",
    ("privacy", "campus", "people"): "a student's own row, or of one whose record is open: whose page it is",
    ("privacy", "campus", "names"): "the name on the same page",
    ("privacy", "campus", "consents"): "the decisions of the same student",
    ("dashboards", "campus", "names"): "the title of a page whose cards the metrics allow, or hide",
    ("alerts", "alerts", "search"): "each alert under the rights of the viewer",
    ("alerts", "alerts", "find"): "each alert under the rights of the viewer",
    ("alerts", "alerts", "names"): "by the policies of the database, for the same viewer",
    ("alerts", "alerts", "evidence"): "by the policies of the database, for the same viewer",
    ("dashboards", "alerts", "search"): "each alert under the rights of the viewer",
    ("dashboards", "alerts", "names"): "by the policies of the database, for the same viewer",
    ("messages", "metrics", "run"): "the one way",
    ("messages", "messages", "languages"): "of the students to whom the viewer writes",
    ("messages", "alerts", "search"): "each alert under the rights of the viewer",
    ("messages", "alerts", "find"): "each alert under the rights of the viewer",
    ("messages", "alerts", "names"): "by the policies of the database, for the same viewer",
    ("messages", "alerts", "evidence"): "by the policies of the database, for the same viewer",
    ("break_glass", "campus", "names"): "whose record the viewer has opened",
}


def ports(domain: str) -> ModuleType:
    return importlib.import_module(f"coursepulse.web.{domain}.ports")


def protocols() -> list[type]:
    found = [each for domain in DOMAINS for each in vars(ports(domain)).values()]
    return [each for each in found if getattr(each, "_is_protocol", False)]


def methods(port: type) -> dict[str, str]:
    """What a port offers, with what each method returns as its source says it."""
    found = [base for base in port.__mro__ if getattr(base, "_is_protocol", False)]
    return {
        name: str(each.__annotations__.get("return", ""))
        for base in found
        for name, each in vars(base).items()
        if callable(each) and hasattr(each, "__annotations__") and not name.startswith("_")
    }


def offered(domain: str) -> dict[str, list[type]]:
    """The services that a domain sees, each with its port."""
    view = getattr(ports(domain), getattr(reach, domain).__annotations__["return"])
    properties = {
        name: getattr(view, name) for name in dir(view) if isinstance(getattr(view, name), property)
    }
    return {name: _types(each.fget) for name, each in properties.items()}


def _types(get: Any) -> list[type]:
    kind = get_type_hints(get, localns={"Identity": Identity, "LiveUpdates": LiveUpdates})["return"]
    return [each for each in get_args(kind) or [kind] if each is not type(None)]


def calls_about_people() -> Iterator[tuple[str, str, str]]:
    for domain in DOMAINS:
        for service, kinds in offered(domain).items():
            for port in kinds:
                if getattr(port, "_is_protocol", False):
                    for name, returned in methods(port).items():
                        if any(each in returned for each in ABOUT_PEOPLE):
                            yield domain, service, name


def test_only_these_calls_give_back_what_is_known_about_people() -> None:
    assert set(calls_about_people()) == set(ALLOWED)


def test_no_port_fetches_rows_in_another_way() -> None:
    assert len(protocols()) > 30
    assert {name for port in protocols() for name in methods(port)} & FETCHES == set()


def test_ports_hide_nothing_behind_any() -> None:
    for path in [*WEB.rglob("ports.py"), WEB / "http" / "services.py", WEB / "reach.py"]:
        assert not re.search(r"\bAny\b|type: ignore|\bcast\b", path.read_text()), path


def test_every_service_is_reached_through_a_port() -> None:
    seen = {name for domain in DOMAINS for name in offered(domain)}
    # The limit of requests is asked before any domain is.
    assert set(Services.__annotations__) == seen | {"buckets"}


def test_the_import_contracts_name_every_domain() -> None:
    project = tomllib.loads((WEB.parents[2] / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    (own_part,) = [each for each in contracts if each.get("forbidden_modules") == [Services.__module__]]
    folders = {f"coursepulse.web.{path.parent.name}" for path in WEB.glob("*/__init__.py")}
    assert set(own_part["source_modules"]) == folders - {"coursepulse.web.http"}


def test_every_domain_reaches_its_own_part_and_nothing_else() -> None:
    for path in WEB.rglob("*.py"):
        domain, text = path.relative_to(WEB).parts[0], path.read_text()
        assert set(re.findall(r"\breach\.(\w+)\(", text)) <= {domain}, path
        if path.name not in ("reach.py", "streams.py"):
            assert "app.state" not in text, path
        assert not re.search(r"\b(getattr|vars|cast)\([^)]*\b(services|reach|state)\b", text), path
    assert "app.state.services" not in (WEB / "live" / "streams.py").read_text()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: getattr(route, "handler_name", str(route)))
def test_every_route_is_served_from_the_web_room(route: object) -> None:
    """What is checked above is everything that answers a request."""
    assert isinstance(route, BaseRouteHandler)
    assert route.fn.__module__.startswith("coursepulse.web.")


HANDLERS = """
from coursepulse.access.viewer import Viewer
from coursepulse.metrics.query import Query
from coursepulse.web import reach
from coursepulse.web.http.request import AnyRequest

def handler_{number}(request: AnyRequest, viewer: Viewer) -> object:
    {body}
"""

OFFENDERS = [
    "return reach.dashboards(request).campus.people(['ann'])",
    "return reach.identity(request).campus.names([b''])",
    "campus = reach.audit(request).campus; return campus.names([b''])",
    "store = reach.break_glass(request).campus; return store.people([''])",
    "return reach.roster(request).campus.catalog()",
    "return reach.privacy(request).campus.execute('SELECT 1')",
    "return reach.metrics(request).metrics._sources.rollups.rows('learner_rows', {})",
    "return reach.dashboards(request).metrics._sources.campus",
    "return reach.http(request).relations.membership(b'', '')",
    "return reach.break_glass(request).break_glass._pool.connection()",
    "return reach.identity(request).break_glass.find(None)",
    "return reach.dashboards(request).metrics.run(Query(metric='clicks'))",
]
HONEST = "return reach.metrics(request).metrics.run(Query(metric='clicks'), viewer)"


@pytest.mark.long
def test_mypy_finds_every_offending_handler_and_no_honest_one(tmp_path: Path) -> None:
    bodies = [*OFFENDERS, HONEST]
    parts = [HANDLERS.format(number=number, body=body) for number, body in enumerate(bodies)]
    (tmp_path / "leak.py").write_text("".join(parts))
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(tmp_path / "leak.py")]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    lines = (tmp_path / "leak.py").read_text().splitlines()
    faulty = {lines[int(number) - 1].strip() for number in re.findall(r"leak\.py:(\d+): error", said)}
    assert faulty == set(OFFENDERS)
