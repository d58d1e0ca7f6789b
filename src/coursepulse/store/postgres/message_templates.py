"""Texts with which people write to students, and the languages that these have chosen."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from psycopg.errors import UniqueViolation

from coursepulse.access.viewer import Role, Viewer
from coursepulse.campus.message_templates import MessageTemplate, MessageText
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")


class MessageTemplates:
    """Every method raises StoreUnavailable when PostgreSQL does not answer.

    Those of an administrator are the organisation's: everybody in it may use them, and only administrators change them.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def usable(self, viewer: Viewer) -> list[MessageTemplate]:
        """The templates that somebody may use: their own first, then the organisation's."""
        owners = dict.fromkeys([_owner(viewer), ""])
        return [each for owner in owners for each in self._of(owner, viewer.organisation_id)]

    def put(self, template: MessageTemplate, viewer: Viewer, at: Micros) -> bool:
        """Keep a template of the viewer; returns False for one that is somebody else's.

        :raises RequestError: ``template_name_taken``
        """
        with translate_errors("Templates"), self._pool.connection() as connection, connection.transaction():
            values = _values(template.template_id, viewer) | {
                "name": template.name,
                "at": from_micros(at),
                "account": viewer.subject,
            }
            try:
                kept = connection.execute(_QUERIES["templates_put"], values).fetchone()
            except UniqueViolation:
                raise RequestError("template_name_taken", "There is a template of this name.") from None
            if kept is None:
                return False
            connection.execute(_QUERIES["templates_clear"], values)
            for language, text in template.texts.items():
                told = {"language": language, "subject": text.subject, "body": text.text}
                connection.execute(_QUERIES["templates_text"], values | told)
        return True

    def drop(self, template: UUID, viewer: Viewer) -> str:
        """Take a template of the viewer away; returns its name, empty where there is none."""
        with translate_errors("Templates"), self._pool.connection() as connection:
            found = connection.execute(_QUERIES["templates_drop"], _values(template, viewer)).fetchone()
        return found[0] if found else ""

    def languages(self, students: Collection[bytes]) -> dict[bytes, str]:
        """The languages that some students have chosen; those who have not are missing."""
        values = {"students": [UUID(bytes=student) for student in students]}
        with translate_errors("Languages"), self._pool.connection() as connection:
            rows = connection.execute(_QUERIES["templates_languages"], values).fetchall()
        return {student.bytes: language for student, language in rows}

    def _of(self, owner: str, organisation: str) -> list[MessageTemplate]:
        found: dict[UUID, tuple[str, dict[str, MessageText]]] = {}
        values = {"owner": owner, "organisation": organisation}
        with translate_errors("Templates"), self._pool.connection() as connection:
            for template, name, language, *text in connection.execute(_QUERIES["templates_list"], values):
                found.setdefault(template, (name, {}))[1][language] = MessageText(*text)
        return [MessageTemplate(template, owner, name, texts) for template, (name, texts) in found.items()]


def _owner(viewer: Viewer) -> str:
    return "" if viewer.role is Role.ADMIN else viewer.subject


def _values(template: UUID, viewer: Viewer) -> dict[str, object]:
    return {
        "template": template,
        "owner": _owner(viewer),
        "organisation": viewer.organisation_id,
    }
