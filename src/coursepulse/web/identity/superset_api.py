"""``POST /v1/superset-guests``: what somebody with an account is shown in Superset, by the rights they have now."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import post
from litestar.params import JSONBody
from msgspec import Meta

from coursepulse.access.accounts import Account, fold_login
from coursepulse.access.viewer import Viewer
from coursepulse.collect.keys import EMBED
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.superset.guests import view_of
from coursepulse.web import reach
from coursepulse.web.audit.writing import note
from coursepulse.web.http.auth import key_viewer, needs
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.identity.ports import IdentityServices
from coursepulse.web.identity.service import identity_of


class SupersetGuestRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is to be a guest of Superset."""

    login_name: Annotated[str, Meta(min_length=1, max_length=128)]


class SupersetGuest(msgspec.Struct, frozen=True):
    """What a token of Superset may show them.

    :param dashboards: `platform`, `course` and `retention`, or some of them
    :param clause: the rule that every query is put under; Superset signs it into the token
    """

    login_name: str
    dashboards: list[str]
    clause: str


@post("/v1/superset-guests", guards=[needs(EMBED)], tags=["embed"], sync_to_thread=True)
def show_superset_guest(request: AnyRequest, data: JSONBody[SupersetGuestRequest]) -> SupersetGuest:
    """Say what somebody is shown in Superset. Needs a key with the scope `embed`.

    Teachers are shown the courses that they teach now, administrators the platform, and everybody else nothing.
    """
    services = reach.identity(request)
    if services.settings.superset != "on":
        raise RequestError("superset_off", "Superset is off: set COURSEPULSE_SUPERSET=on.", 409)
    viewer = key_viewer(request, EMBED)
    account = _find_account(services, data.login_name)
    view = view_of(_tied(services, account))
    if view is None:
        note(services, viewer, "identity:superset:refused", account.subject, f"role={account.role}")
        raise RequestError("forbidden", "Superset shows nothing to people with this role.", 403)
    note(services, viewer, "identity:superset:issue", account.subject, "+".join(view.dashboards))
    return SupersetGuest(account.login_name, list(view.dashboards), view.clause)


def _find_account(services: IdentityServices, login_name: str) -> Account:
    found = identity_of(services).accounts.find(fold_login(login_name))
    if found is None or found.account.disabled:
        raise RequestError("unknown_account", say("accounts.unknown"), 404)
    return found.account


def _tied(services: IdentityServices, account: Account) -> Viewer:
    """The account with what ties it to others at this moment."""
    viewer = Viewer(role=account.role, subject=account.subject, organisation_id=account.organisation_id)
    return services.relations.tie(viewer, account.student_id)


routes = [show_superset_guest]
