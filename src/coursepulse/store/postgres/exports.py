"""Everything that PostgreSQL holds about a student."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from coursepulse.kit.sql import Queries
from coursepulse.privacy.erasable import DataSubject
from coursepulse.privacy.exportable import ExportTable
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: Rows fetched at a time.
_SOME = 2_000


class Exported(NamedTuple):
    """A table of the export, read by the query ``export_<name>``."""

    name: str
    description: str


#: All of them. A new table about students needs a line here, with a name that no ClickHouse table has.
TABLES = (
    Exported("person", "Who you are: the only table that knows your name."),
    Exported("consents", "Every decision about what your data may be used for, with the wording you saw."),
    Exported("leaderboard_name", "The name that you chose for leaderboards."),
    Exported("goals", "The goals that you set for yourself. Nobody else sees them."),
    Exported("events", "Every event that your platform sent about you, kept for 90 days."),
    Exported("profile", "Numbers computed about you over all courses."),
    Exported("academic_records", "What you achieved, kept for seven years because the law asks for it."),
    Exported("roster_enrolments", "Where your platform says that you are enrolled."),
    Exported("classes", "The courses that you are in, as far as your events say."),
    Exported("teams", "The teams that you belong to or lead."),
    Exported("trainings", "What you have to take, as a member of a team or by yourself, and until when."),
    Exported("certificates", "The certificates that an organisation has on record for you."),
    Exported("job_roles", "The job roles that you are listed for."),
    Exported("teaching", "What you teach."),
    Exported("account", "How you sign in here, without the password, and when you want alerts by e-mail."),
    Exported("reports", "Which pages you have sent to you by e-mail, and when."),
    Exported("sessions", "Where you are signed in now."),
    Exported(
        "openings",
        "When somebody opened your record, or tied an account to you that sees it, and the reason that was typed.",
    ),
    Exported("alerts", "What teachers or managers were told about you, and since when it is over."),
    Exported("draws", "Where it was drawn by lot whether you were written to at once or later."),
    Exported("steps", "Which next steps you were shown, and when first."),
    Exported("messages", "When somebody who teaches you drafted a message to you."),
    Exported(
        "predictions", "What a model predicted about you for your teachers, from what, and what came of it."
    ),
    Exported("verdicts_on_predictions", "What your teachers said of these predictions."),
    Exported("models", "Which models of risk were trained with your data, among those of many others."),
    Exported("changes", "Where numbers about you were renewed within the last hour."),
    Exported("privacy_requests", "What you asked for about your data."),
)


class PostgresExport:
    """:class:`coursepulse.privacy.exportable.Exportable`, streamed by cursors of the server."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def export(self, who: DataSubject) -> Iterator[ExportTable]:
        with translate_errors("The export"), self._pool.connection() as connection:
            for table in TABLES:
                with connection.transaction(), connection.cursor(f"export_{table.name}") as cursor:
                    cursor.itersize = _SOME
                    cursor.execute(_QUERIES[f"export_{table.name}"], {"student": UUID(bytes=who.student)})
                    columns = [column.name for column in cursor.description or ()]
                    rows: Iterator[tuple[Any, ...]] = iter(cursor)
                    yield ExportTable(table.name, table.description, columns, rows)
