"""Where dead letters are kept: in a file, or behind it in a table that all servers see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coursepulse.collect.dead_letters import DeadLetterQueue, SqliteDeadLetterQueue
from coursepulse.collect.spooled_letters import SpooledDeadLetters
from coursepulse.jobs.scheduler import Job
from coursepulse.store.postgres.dead_letters import PostgresDeadLetters

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


def open_dead_letters(of: Components) -> DeadLetterQueue:
    """The queue that everything in this process asks. The ingest worker writes to the file."""
    file = SqliteDeadLetterQueue(of.settings.data / "log" / "dead-letters.sqlite")
    if not (of.shared or of.settings.log_url.startswith("kafka:")):
        return file
    return SpooledDeadLetters(
        file,
        PostgresDeadLetters(of.pool),
        name=of.name,
        keeping=of.keeping,
        tombstone=of.pseudonyms.tombstone,
    )


def moving(of: Components) -> list[Job]:
    """What is in the file goes where all servers see it."""
    letters = of.dead_letters
    return [Job("dead letters", 1.0, letters.move)] if isinstance(letters, SpooledDeadLetters) else []
