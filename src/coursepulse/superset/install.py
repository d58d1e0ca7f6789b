"""Putting dashboards, roles and rules into a Superset, and asking it for tokens of guests."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from coursepulse.superset.bundle import ROOT, write_bundle, zip_bundle
from coursepulse.superset.charts import DASHBOARDS
from coursepulse.superset.datasets import DATA_SETS, ShownTo, ours
from coursepulse.superset.rest import SupersetRefused, SupersetServer

#: Guests have this role whatever their token shows (``GUEST_ROLE_NAME``). Of the data sets it names none.
GUEST = "coursepulse_guest"

#: Users of Superset who may see the data sets have this one beside Gamma.
READERS = "coursepulse_reader"

#: The rule that hides from everybody but guests what is for teachers.
RULE = "coursepulse: rows for the platform"

#: What a page with a dashboard asks for, and nothing that shows more than it.
_GUEST_MAY = (
    ("can_read", "Chart"),
    ("can_read", "Dashboard"),
    ("can_read", "Dataset"),
    ("can_read", "EmbeddedDashboard"),
    ("can_read", "CurrentUserRestApi"),
    ("can_read", "SecurityRestApi"),
    ("can_time_range", "Api"),
    ("can_get_embedded", "Dashboard"),
    ("can_dashboard", "Superset"),
    ("can_log", "Superset"),
)


class Installed(NamedTuple):
    """What was put there: for each dashboard by name, the id with which pages embed it."""

    embedded: dict[str, str]


def install(server: SupersetServer, database_url: str, frames: list[str]) -> Installed:
    """Import everything, and bring roles and rules up to date. Doing it again changes nothing.

    :param frames: the origins whose pages may show the dashboards in frames; none is any
    """
    password = unquote(urlsplit(database_url).password or "")
    passwords = {f"databases/{ROOT}.yaml": password} if password else {}
    server.bring(zip_bundle(write_bundle(database_url)), passwords)
    permissions = _permissions(server)
    guest = _make_role(server, GUEST, [permissions[each] for each in _GUEST_MAY if each in permissions])
    datasets = _datasets(server)
    _make_role(server, READERS, [permissions["datasource_access", name] for name in _sources(datasets)])
    _make_rule(server, list(datasets.values()), guest)
    embedded = {each.name: _embed(server, each.slug, frames) for each in DASHBOARDS}
    return Installed(embedded)


def make_token(server: SupersetServer, login: str, dashboards: list[str], clause: str) -> str:
    """A token that shows some dashboards, with every query under the rule."""
    slugs = {each.name: each.slug for each in DASHBOARDS}
    found = [server.ask("GET", f"dashboard/{slugs[name]}/embedded")["result"]["uuid"] for name in dashboards]
    wish = {
        "user": {"username": login, "first_name": login, "last_name": ""},
        "resources": [{"type": "dashboard", "id": uuid} for uuid in found],
        "rls": [{"clause": clause}],
    }
    return str(server.ask("POST", "security/guest_token/", json=wish)["token"])


def _permissions(server: SupersetServer) -> dict[tuple[str, str], int]:
    """The number of each permission by its name and what it is for."""
    found = server.everything("security/permissions-resources/")
    return {(each["permission"]["name"], each["view_menu"]["name"]): each["id"] for each in found}


def _datasets(server: SupersetServer) -> dict[str, int]:
    """The number of each of our data sets."""
    ids = {ours("dataset", each.name): each.name for each in DATA_SETS}
    found = {ids[row["uuid"]]: row["id"] for row in server.everything("dataset/") if row["uuid"] in ids}
    if missing := sorted(set(ids.values()) - found.keys()):
        raise SupersetRefused(f"Superset has not imported the data set {missing[0]}.")
    return found


def _sources(datasets: dict[str, int]) -> list[str]:
    """What permissions call the data sets."""
    return [f"[{ROOT}].[{name}](id:{number})" for name, number in datasets.items()]


def _make_role(server: SupersetServer, name: str, permissions: list[int]) -> int:
    """A role with these permissions and no others; its number."""
    known = {each["name"]: each["id"] for each in server.everything("security/roles/")}
    number = known.get(name) or server.ask("POST", "security/roles/", json={"name": name})["id"]
    wish = {"permission_view_menu_ids": permissions}
    server.ask("POST", f"security/roles/{number}/permissions", json=wish)
    return int(number)


def _make_rule(server: SupersetServer, datasets: list[int], guest: int) -> None:
    """Guests have rules of their own, in their tokens; everybody else is shown what the platform is."""
    wish = {
        "name": RULE,
        "description": "Made by coursepulse superset install.",
        "filter_type": "Base",
        "tables": datasets,
        "roles": [guest],
        "clause": f"shown_to = '{ShownTo.PLATFORM}'",
        "group_key": "",
    }
    known = {each["name"]: each["id"] for each in server.everything("rowlevelsecurity/")}
    if RULE in known:
        server.ask("PUT", f"rowlevelsecurity/{known[RULE]}", json=wish)
    else:
        server.ask("POST", "rowlevelsecurity/", json=wish)


def _embed(server: SupersetServer, slug: str, frames: list[str]) -> str:
    """Let pages show a dashboard; the id that they name."""
    made = server.ask("POST", f"dashboard/{slug}/embedded", json={"allowed_domains": frames})
    return str(made["result"]["uuid"])
