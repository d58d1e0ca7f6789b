"""What imports leave in the data directory about a learner, and an attack on it by somebody who knows all the ids."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coursepulse.importers.moodle import MoodleFiles
from coursepulse.importers.statements import xapi_files
from coursepulse.store.import_notes import ImportNotes

QUIZ, ATTEMPT, PLACE = "57", "81", "https://lms.example/quiz"
HOME = "https://lms.example"


def write_notes(folder: Path, notes: ImportNotes, *students: str) -> None:
    """Read an attempt of each student from files of Moodle and of statements, so that both are kept."""
    folder.mkdir()
    log, statements = folder / "logstore_standard_log.csv", folder / "statements.jsonl"
    log.write_text("\n".join(_log(students)))
    statements.write_text("\n".join(json.dumps(each) for name in students for each in _statements(name)))
    for source in (MoodleFiles([log], notes), xapi_files([statements], notes, HOME)):
        assert all(isinstance(record.outcome, list) or source.name == "xapi" for record in source.records())
    for path in (log, statements):
        path.unlink()
    folder.rmdir()


def _log(students: tuple[str, ...]) -> Iterator[str]:
    yield "id,eventname,objecttable,objectid,contextlevel,contextinstanceid,userid,courseid,anonymous,timecreated"
    for number, name in enumerate(students, 1):
        event = r"\mod_quiz\event\attempt_started"
        yield f"{number},{event},quiz_attempts,{ATTEMPT}{number},70,{QUIZ},{name},3,0,1764590400"


def _statements(name: str) -> list[dict[str, Any]]:
    actor: Any = {"account": {"homePage": HOME, "name": name}}
    verbs = "http://adlnet.gov/expapi/verbs"
    quiz = {"id": PLACE, "definition": {"type": "http://adlnet.gov/expapi/activities/assessment"}}
    context = {
        "registration": f"registration-of-{name}",
        "contextActivities": {"parent": [{"id": "course-1", "definition": {"type": "a/course"}}]},
    }
    scored = {"verb": {"id": f"{verbs}/scored"}, "object": quiz, "result": {"score": {"raw": 7, "max": 10}}}
    voided = {"objectType": "StatementRef", "id": f"{name}-first"}
    return [
        {"id": f"{name}-1", "actor": actor, "timestamp": "2026-01-01T10:00:00Z", "context": context} | scored,
        {"id": f"{name}-2", "actor": actor, "verb": {"id": f"{verbs}/voided"}, "object": voided}
        | {"timestamp": "2026-01-01T11:00:00Z"},
    ]


def guesses(student: str) -> Iterator[bytes]:
    """Hashes of everything that is known to somebody who wants to confirm an attempt of the student."""
    known = (student, QUIZ, f"{ATTEMPT}1", "", HOME, PLACE, f"registration-of-{student}", f"{student}-first")
    for size in (1, 2, 3):
        for parts in itertools.permutations(known, size):
            for joint in ("\0", "", "|", ":", "-", "/", "#"):
                yield from _hashes(joint.join(parts).encode())
    # Hashes of hashes, as the files once held them.
    short = hashlib.blake2b(f"{HOME}\0{student}".encode(), digest_size=12).hexdigest()
    yield from (each for place in (QUIZ, PLACE) for each in _hashes(f"{short}\0{place}".encode()))


def _hashes(text: bytes) -> Iterator[bytes]:
    for size in (12, 16):
        yield hashlib.blake2b(text, digest_size=size).hexdigest()[:24].encode()
    for name in ("md5", "sha1", "sha256"):
        yield hashlib.new(name, text, usedforsecurity=False).hexdigest()[:24].encode()


def confirmed(folder: Path, student: str) -> list[bytes]:
    """The guesses that the files prove right."""
    kept = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    return [guess for guess in guesses(student) if guess in kept]
