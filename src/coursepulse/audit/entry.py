"""One entry of the audit trail."""

from __future__ import annotations

import msgspec

from coursepulse.access.viewer import Role
from coursepulse.kit.clock import Micros

#: The most characters of a field; longer ones are cut, because an entry that cannot be written would refuse a read.
LONGEST = 2000


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what about which subject, why, and from where.

    :param at: microseconds since 1970, UTC
    :param actor: the account or key, as :attr:`coursepulse.access.viewer.Viewer.subject` names it
    :param tag: ``source:subject:action``, such as ``metrics:student:read``
    :param subject: what it concerns: a student's pseudonym as UUID, a course or an account; empty for everyone
    :param purpose: why, in the words of the screen or of the person
    :param address: the network of the request, never a full address
    :param detail: what else a reader of the trail needs, such as the metric or the setting
    """

    at: Micros
    actor: str
    role: str
    tag: str
    subject: str = ""
    purpose: str = ""
    request_id: str = ""
    address: str = ""
    detail: str = ""


def start_of_server(settings: str, at: Micros) -> AuditEntry:
    """The chosen settings. A setting changes only when the server starts."""
    role, tag = Role.SERVICE.value, "settings:server:start"
    return AuditEntry(at=at, actor="server", role=role, tag=tag, detail=settings)


def make_storable(entry: AuditEntry) -> AuditEntry:
    """The entry in a form that every store can keep: no NUL, no lone surrogate, limited length."""
    return msgspec.structs.replace(
        entry, **{name: _clean(getattr(entry, name)) for name in AuditEntry.__struct_fields__ if name != "at"}
    )


def _clean(text: str) -> str:
    whole = text[:LONGEST].encode("utf-8", "replace").decode()
    return whole.replace("\x00", "\ufffd")
