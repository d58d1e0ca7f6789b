"""OULAD: the official tables, small ones of our own and the real ones."""

from __future__ import annotations

import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from coursepulse.campus.courses import check_course
from coursepulse.events.event import Envelope
from coursepulse.formats.oulad_tables import day_of, id_of, is_yes, score_of, start_of, whole
from coursepulse.formats.outcome import Refused, Skipped
from coursepulse.importers.oulad import OuladFolder
from coursepulse.importers.run import run_import
from coursepulse.kit.errors import RequestError
from tests.importers.local_destination import local_destination
from tests.importers.real_data import OULAD, needs_oulad

TABLES = {
    "courses": "code_module,code_presentation,module_presentation_length\nAAA,2013J,268\n",
    "assessments": "code_module,code_presentation,id_assessment,assessment_type,date,weight\n"
    "AAA,2013J,1752,TMA,19,10\nAAA,2013J,1757,Exam,?,100\n",
    "vle": "id_site,code_module,code_presentation,activity_type,week_from,week_to\n"
    '10,AAA,2013J,page,"",""\n9,AAA,2013J,page,?,?\n8,AAA,2013J,forumng,?,?\n',
    "studentInfo": "code_module,code_presentation,id_student,final_result\n"
    "AAA,2013J,1,Pass\nAAA,2013J,2,Withdrawn\n",
    "studentRegistration": "code_module,code_presentation,id_student,date_registration,date_unregistration\n"
    'AAA,2013J,1,-10,?\nAAA,2013J,2,?,"-3"\n',
    "studentAssessment": "id_assessment,id_student,date_submitted,is_banked,score\n1752,1,18,0,78\n1752,2,1,0,?\n",
    "studentVle": "code_module,code_presentation,id_student,id_site,date,sum_click\n"
    "AAA,2013J,1,9,5,2\nAAA,2013J,1,8,-5,3\nAAA,2013J,1,9,5,2\nAAA,2013J,1,9,x,2\nAAA,2013J\n",
}


def write_tables(folder: Path, *, packed: bool = False) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in TABLES.items():
        if packed:
            (folder / f"{name}.csv.gz").write_bytes(gzip.compress(content.encode()))
        else:
            (folder / f"{name}.csv").write_text(content)
    return folder


def events_of(source: OuladFolder) -> Iterator[Envelope]:
    for record in source.records():
        if isinstance(record.outcome, list):
            yield from record.outcome


@pytest.mark.parametrize("packed", [False, True])
def test_seven_tables_become_events_and_a_receipt(tmp_path: Path, packed: bool) -> None:
    source = OuladFolder(write_tables(tmp_path / "tables", packed=packed), tmp_path / "scratch")
    with local_destination(tmp_path) as destination:
        receipt = run_import(source, destination, tmp_path)
        assert (receipt.read, receipt.accepted, receipt.students, receipt.courses) == (11, 10, 2, 1)
        assert (receipt.rejected, receipt.skipped) == ({"invalid_value": 2}, {"no_activity": 1})
        assert {dead_letter.event_id for dead_letter in destination.dead_letters()} == {
            "line 5 of studentVle.csv" + ".gz" * packed,
            "line 6 of studentVle.csv" + ".gz" * packed,
        }
        assert any('"date":"x"' in dead_letter.body.decode() for dead_letter in destination.dead_letters())
        assert list((tmp_path / "scratch").iterdir()) == []


def test_events_come_in_the_order_of_their_days_and_equal_rows_stay_apart(tmp_path: Path) -> None:
    source = OuladFolder(write_tables(tmp_path / "tables"), tmp_path)
    events = list(events_of(source))
    days = [event.timestamp.date() for event in events]
    assert days == sorted(days)
    assert len({event.event_id for event in events}) == len(events) == 10
    assert {event.event_id for event in events_of(source)} == {event.event_id for event in events}


def test_the_catalog_lists_sites_by_number_and_work_with_its_day(tmp_path: Path) -> None:
    (course,) = OuladFolder(write_tables(tmp_path / "tables"), tmp_path).courses()
    assert (course.starts_on, course.ends_on) == (date(2013, 10, 1), date(2014, 6, 26))
    assert [(lesson.lesson_id, lesson.title) for lesson in course.lessons] == [
        ("9", "page 1"),
        ("10", "page 2"),
    ]
    assert [(work.kind.value, work.pass_mark, work.due_at is None) for work in course.assessments] == [
        ("assignment", 40, False),
        ("quiz", 40, True),
    ]


def test_tables_that_another_program_saved_again_give_the_same_events(tmp_path: Path) -> None:
    usual = OuladFolder(write_tables(tmp_path / "tables"), tmp_path / "scratch")
    again = OuladFolder(write_tables(tmp_path / "again"), tmp_path / "scratch")
    for name, content in TABLES.items():
        lines = content.splitlines()
        saved = [re.sub(r"(?<![\w.])-?\d+(?![\w.])", r"\g<0>.0", line).replace("?", "nan") for line in lines]
        (tmp_path / "again" / f"{name}.csv").write_text("\r\n".join(saved))
    assert list(events_of(again)) == list(events_of(usual))
    assert again.courses() == usual.courses()


@pytest.mark.parametrize("spelled", ["28", "28.0", "28.", "+28", " 28 ", "2.8e1", "028"])
def test_a_whole_number_has_many_spellings(spelled: str) -> None:
    assert day_of(spelled) == whole(spelled) == 28
    assert id_of(spelled.replace("028", "28")) == "28"


@pytest.mark.parametrize(
    "spelled", ["28.5", "inf", "-inf", "1e400", "1e99", "28 days", "28,0", "0x1c", "snan"]
)
def test_what_is_no_whole_number_is_refused(spelled: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        day_of(spelled)


@pytest.mark.parametrize("gap", ["", "?", " ", "nan", "NaN", "NA", "N/A", "<NA>", "None", "NULL"])
def test_a_gap_has_many_spellings(gap: str) -> None:
    assert day_of(gap) is None
    assert score_of(gap) is None
    assert not is_yes(gap)


@pytest.mark.parametrize("spelled", ["1", "1.0", "True", "true"])
def test_a_banked_result_is_one_however_it_is_spelled(spelled: str) -> None:
    assert is_yes(spelled)


@pytest.mark.parametrize("spelled", ["0", "0.0", "False", "false"])
def test_other_results_are_not_banked(spelled: str) -> None:
    assert not is_yes(spelled)


def test_a_folder_without_a_table_is_refused(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "tables")
    (folder / "vle.csv").unlink()
    with pytest.raises(RequestError, match=r"has no vle\.csv or vle\.csv\.gz"):
        OuladFolder(folder, tmp_path)


def test_a_presentation_that_is_none_is_named(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "tables")
    (folder / "courses.csv").write_text(TABLES["courses"].replace("2013J", "2013X"))
    with pytest.raises(RequestError, match=r"courses\.csv: `2013X` is not a presentation"):
        OuladFolder(folder, tmp_path)


@pytest.mark.parametrize(
    ("table", "usual", "far"), [("courses", "268", "9" * 20), ("assessments", ",TMA,19,", ",TMA,99999999,")]
)
def test_a_day_outside_the_calendar_is_named(tmp_path: Path, table: str, usual: str, far: str) -> None:
    folder = write_tables(tmp_path / "tables")
    assert usual in TABLES[table]
    (folder / f"{table}.csv").write_text(TABLES[table].replace(usual, far))
    with pytest.raises(RequestError, match=rf"{table}\.csv: day \d+ lies outside the calendar"):
        OuladFolder(folder, tmp_path).courses()


RETENTION = {
    "2013B": [4684, 4398, 4126, 3965, 3709, 3509, 3348],
    "2013J": [8845, 7903, 7683, 7465, 7068, 6735, 6535],
    "2014B": [7804, 6832, 6513, 6213, 5836, 5515, 5234],
}


@pytest.mark.long
@needs_oulad
def test_the_real_tables_give_the_known_clicks_and_retention(tmp_path: Path) -> None:
    source = OuladFolder(OULAD, tmp_path)
    clicks: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    enrolled: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    left: dict[tuple[str, str], date] = {}
    for record in source.records():
        counts["read"] += record.read
        counts["skipped"] += isinstance(record.outcome, Skipped)
        counts["refused"] += isinstance(record.outcome, Refused)
        for event in record.outcome if isinstance(record.outcome, list) else []:
            course = event.context.course_id
            counts[event.event_type] += 1
            clicks[course] += event.payload.get("clicks", 0)
            if event.event_type == "course_enroll":
                enrolled[course[-5:]].add((course, event.student_id))
            elif event.event_type == "course_unenroll":
                left[course, event.student_id] = event.timestamp.date()
    assert (clicks["AAA-2013J"], clicks["BBB-2013B"]) == (648_494, 1_347_911)
    assert {intake: count_retained(who, left) for intake, who in enrolled.items()} == RETENTION
    assert counts["read"] == 21_333 + 21_333 + 121_738 + 879_259
    assert counts["lesson_start"] + counts["forum_view"] == 879_259
    # Those who did not pass, and the one banked result without a score.
    assert (counts["skipped"], counts["refused"]) == (6_330 + 5_075 + 1, 0)


def count_retained(who: set[tuple[str, str]], left: dict[tuple[str, str], date]) -> list[int]:
    """Enrolled, then those not unenrolled after 0, 28, 56, 112, 168 and 224 days."""
    stayed = [
        sum((left.get(each, date.max) - start_of(each[0])).days > day for each in who)
        for day in (0, 28, 56, 112, 168, 224)
    ]
    return [len(who), *stayed]


@needs_oulad
def test_the_real_catalog_is_one_that_the_campus_takes(tmp_path: Path) -> None:
    courses = OuladFolder(OULAD, tmp_path).courses()
    assert [list(check_course(course)) for course in courses] == [[]] * 15
    # Every site but the discussions.
    assert sum(len(course.lessons) for course in courses) == 4_694 - 149
