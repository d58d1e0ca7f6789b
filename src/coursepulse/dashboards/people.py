"""How people are called on a page."""

from __future__ import annotations

from coursepulse.dashboards.text import say
from coursepulse.kit.ids import to_text


def id_text(student_id: object) -> str:
    """A pseudonym as it stands in addresses, whatever the metric calls it in."""
    return to_text(student_id) if isinstance(student_id, bytes) else str(student_id)


def name_of(student_id: object, name: str | None) -> str:
    """The name, or the beginning of the pseudonym for somebody the roster does not know."""
    return name or say("people.unknown", start=id_text(student_id)[:4])
