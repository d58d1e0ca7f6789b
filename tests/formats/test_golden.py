"""Golden pairs: `golden/<format>/<name>.in.json` becomes `<name>.out.json`. Add a pair, not a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from coursepulse.events.decode import decode
from coursepulse.events.event import Envelope
from coursepulse.formats import caliper, moodle, openedx, oulad, xapi
from coursepulse.formats import oulad_tables as tables
from coursepulse.formats.moodle import report
from coursepulse.formats.outcome import Refused, Skipped
from coursepulse.formats.xapi_memory import Memory

GOLDEN = Path(__file__).parent / "golden"
PAIRS = sorted(GOLDEN.glob("*/*.in.json"))

LOOKUPS = oulad.Lookups(
    lengths={"AAA-2013J": 268},
    works={
        "1752": oulad.OuladAssessment("AAA-2013J", "TMA", 19),
        "1757": oulad.OuladAssessment("AAA-2013J", "Exam", None),
        "14991": oulad.OuladAssessment("AAA-2013J", "CMA", 23),
    },
    forums=frozenset({"546614"}),
)


def from_row(record: dict[str, Any]) -> list[Envelope] | Skipped | Refused:
    row = record["row"]
    match record["table"]:
        case "studentRegistration":
            found = oulad.registration_records(tables.StudentRegistration(**row))
        case "studentInfo":
            found = oulad.result_records(tables.StudentInfo(**row), LOOKUPS)
        case "studentAssessment":
            found = oulad.assessment_records(tables.StudentAssessment(**row), LOOKUPS)
        case _:
            found = oulad.click_records(tables.StudentVle(**row), LOOKUPS)
    return [oulad.event_of(fact, 0) for fact in found] if isinstance(found, list) else found


def convert(form: str, record: Any) -> list[Envelope] | Skipped | Refused:
    if form == "openedx":
        return openedx.from_line(record)
    if form == "caliper":
        return caliper.from_event(record)
    if form == "oulad":
        return from_row(record)
    if form == "moodle":
        return from_report(record) if "report" in record else from_tables(record)
    if isinstance(record, list) and isinstance(record[0], dict):
        return from_statements(record)
    return xapi.from_statement(record)


def from_report(record: dict[str, Any]) -> list[Envelope] | Skipped | Refused:
    """What a report of course 3 gives, as the log behind it would."""
    language, zone = report.LANGUAGES[record["language"]], ZoneInfo(record["time_zone"])
    rows = [
        report.log_row(
            row, language, report.read_date(report.column(row, language, "time"), language, zone), "3", 0
        )
        for row in record["report"]
    ]
    return from_tables({"logstore_standard_log": rows})


def from_tables(tables: Mapping[str, Sequence[Mapping[str, str]]]) -> list[Envelope] | Skipped | Refused:
    """What all rows give together; what the only one is skipped or refused for, if there is but one."""
    site = moodle.Site()
    plugins = {row["id"]: row["name"] for row in tables.get("modules", ())}
    for table, rows in tables.items():
        for row in rows:
            moodle.note(table, row, site, plugins)
    site.settle()
    outcomes = [moodle.from_log(row, site) for row in tables.get("logstore_standard_log", ())]
    for table in (
        "user_enrolments",
        "quiz_attempts",
        "assign_submission",
        "course_modules_completion",
        "grade_grades",
        "course_completions",
    ):
        outcomes += [moodle.from_table(table, row, site) for row in tables.get(table, ())]
    if len(outcomes) == 1:
        return outcomes[0]
    assert not any(isinstance(outcome, Refused) for outcome in outcomes)
    return [event for outcome in outcomes if isinstance(outcome, list) for event in outcome]


def from_statements(records: list[Any]) -> list[Envelope] | Skipped | Refused:
    """Statements that have to know of each other; none of them may be refused."""
    memory = Memory()
    for each in records:
        xapi.note(each, memory)
    memory.settle()
    outcomes = [xapi.from_statement(each, memory) for each in records]
    assert not any(isinstance(outcome, Refused) for outcome in outcomes)
    return [event for outcome in outcomes if isinstance(outcome, list) for event in outcome]


def as_json(outcome: list[Envelope] | Skipped | Refused) -> Any:
    if isinstance(outcome, Skipped):
        return {"skipped": outcome.reason.value}
    if isinstance(outcome, Refused):
        return {"refused": outcome._asdict()}
    return {"events": msgspec.json.decode(msgspec.json.encode(outcome))}


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name.removesuffix('.in.json')}"


@pytest.mark.parametrize("path", PAIRS, ids=name_of)
def test_record_becomes_what_its_pair_says(path: Path) -> None:
    expected = msgspec.json.decode(path.with_name(path.name.replace(".in.", ".out.")).read_bytes())
    outcome = convert(path.parent.name, msgspec.json.decode(path.read_bytes()))
    assert as_json(outcome) == expected


@pytest.mark.parametrize("path", PAIRS, ids=name_of)
def test_every_event_of_a_pair_is_acceptable_to_the_collector(path: Path) -> None:
    outcome = convert(path.parent.name, msgspec.json.decode(path.read_bytes()))
    events = outcome if isinstance(outcome, list) else []
    decoded = decode(msgspec.json.encode(events))
    assert (len(decoded.sent), decoded.rejected, dict(decoded.dropped)) == (len(events), [], {})


def test_every_expectation_has_its_record() -> None:
    records = {path.name.replace(".in.", ".out.") for path in PAIRS}
    assert {path.name for path in GOLDEN.glob("*/*.out.json")} == records
