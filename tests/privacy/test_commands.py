"""The commands about consents and personal data, as somebody types them beside a running server."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.pages import study
from tests.support.postgres import owner_dsn
from tests.support.server import Platform, platform

pytestmark = pytest.mark.slow

COURSE = "commands-101"


@pytest.fixture(scope="module")
def sender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform(tmp_path_factory.mktemp("commands")) as there:
        yield there


def command(sender: Platform, *words: str | Path) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "coursepulse", *map(str, words), "--data", str(sender.data)]
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=120)


def succeed(sender: Platform, *words: str | Path) -> str:
    done = command(sender, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def csv_of(
    path: Path, *rows: str, header: str = "external_id,purpose,granted,at,text_version,source"
) -> Path:
    path.write_text("\n".join((header, *rows)) + "\n", "utf-8-sig")
    return path


def ago(minutes: int) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def consents(sender: Platform, student: str) -> dict[str, Any]:
    found: dict[str, Any] = sender.http.get(f"/v1/consents/{student}").raise_for_status().json()
    return found


def behaviour(sender: Platform, student: str) -> bool:
    """Whether the collector takes an event about behaviour."""
    event = study(student, 0, COURSE)[1] | {"event_id": f"{student}-{time.monotonic_ns()}"}
    return bool(sender.send(event)["accepted"])


def test_consents_of_a_file_hold_at_the_collector(sender: Platform, tmp_path: Path) -> None:
    file = csv_of(
        tmp_path / "consents.csv",
        f"csv-yes,analytics,yes,{ago(9)},v7,registration",
        f"csv-yes,research,NO,{ago(9)},v7,registration",
        f"csv-back,analytics,true,{ago(9)},,",
        f"csv-back,analytics,0,{ago(8)},,",
    )
    assert succeed(sender, "import", "consents", file) == "4 consents recorded\n"
    sender.wait_for_consents("csv-yes")
    assert [behaviour(sender, name) for name in ("csv-yes", "csv-back", "csv-unknown")] == [
        True,
        False,
        False,
    ]
    found = consents(sender, "csv-yes")
    assert found["current"] == {"analytics": True, "research": False}
    assert {(each["text_version"], each["source"]) for each in found["history"]} == {("v7", "registration")}
    assert consents(sender, "csv-back")["current"] == {"analytics": False}


def test_importing_a_file_again_adds_nothing(sender: Platform, tmp_path: Path) -> None:
    file = csv_of(tmp_path / "consents.csv", f"csv-again,analytics,yes,{ago(5)},,")
    for _ in range(2):
        succeed(sender, "import", "consents", file)
    assert len(consents(sender, "csv-again")["history"]) == 1


def test_a_row_that_the_server_refuses_is_named_and_its_neighbours_count(
    sender: Platform, tmp_path: Path
) -> None:
    file = csv_of(
        tmp_path / "consents.csv",
        f"csv-one,analytics,yes,{ago(5)},,",
        f"csv-one,marketing,yes,{ago(5)},,",
        "csv-one,research,yes,2999-01-01T00:00:00Z,,",
        f"csv-one,employer_sharing,yes,{ago(5)},,",
    )
    done = command(sender, "import", "consents", file)
    assert done.stdout == "2 consents recorded\n"
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["line 3", "line 4"]
    assert set(consents(sender, "csv-one")["current"]) == {"analytics", "employer_sharing"}


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        ("external_id,purpose,granted", "csv-bad,analytics,yes", "The first line must name"),
        ("external_id,purpose,granted,at,email", "csv-bad,analytics,yes,x,y", "The first line must name"),
        (
            "external_id,purpose,granted,at",
            "csv-bad,analytics,maybe,2026-01-01T00:00:00Z",
            "Line 3: `granted` must be",
        ),
        (
            "external_id,purpose,granted,at",
            "csv-bad,analytics,yes,2026-01-01T00:00:00Z,extra",
            "Line 3 has more fields",
        ),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_whole(
    sender: Platform, tmp_path: Path, header: str, row: str, said: str
) -> None:
    good = ",".join(["csv-good", "analytics", "yes", ago(1), "x"][: header.count(",") + 1])
    done = command(sender, "import", "consents", csv_of(tmp_path / "bad.csv", good, row, header=header))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"coursepulse: {said}")
    assert consents(sender, "csv-good")["history"] == []


def test_a_long_file_is_read_to_its_end_before_any_of_it_is_sent(sender: Platform, tmp_path: Path) -> None:
    rows = [f"csv-long-{number},analytics,yes,{ago(1)},," for number in range(10_000)]
    done = command(
        sender, "import", "consents", csv_of(tmp_path / "long.csv", *rows, "csv-long-0,analytics,,x,,")
    )
    assert done.returncode == 1
    assert "Line 10002: `granted` must be yes or no; nothing was sent." in done.stderr
    assert consents(sender, "csv-long-0")["history"] == []


def test_a_file_that_is_not_there(sender: Platform, tmp_path: Path) -> None:
    done = command(sender, "import", "consents", tmp_path / "nowhere.csv")
    assert done.returncode == 1
    assert "nowhere.csv: No such file" in done.stderr


def learn(sender: Platform, *students: str) -> None:
    """Students of the course, with names."""
    people = [{"external_id": name, "name": f"Name of {name}"} for name in students]
    sender.http.put("/v1/roster/people", json=people).raise_for_status()
    sender.agree(*students)
    sender.send(*(event for student in students for event in study(student, 0, COURSE)))
    sender.settle()


def test_export_writes_what_is_held(sender: Platform, tmp_path: Path) -> None:
    learn(sender, "exported")
    said = succeed(sender, "privacy", "export", "exported", tmp_path / "own.zip")
    assert said.startswith("export")
    with zipfile.ZipFile(tmp_path / "own.zip") as archive:
        (person,) = json.loads(archive.read("person.json"))
        assert person["name"] == "Name of exported"
        assert len(json.loads(archive.read("events.json"))) == len(study("exported", 0))
    told = succeed(sender, "privacy", "export", "exported", tmp_path / "again.zip", "--json")
    number = json.loads(told)["request_id"]
    listed = json.loads(succeed(sender, "privacy", "requests", "--json"))
    assert (listed[0]["request_id"], listed[0]["kind"], listed[0]["state"]) == (number, "export", "done")


def test_what_holds_a_request_up_is_said_and_waited_for(sender: Platform, tmp_path: Path) -> None:
    learn(sender, "held-up")
    folder = sender.data / "exports"
    folder.mkdir(exist_ok=True)
    aside = folder.rename(tmp_path / "aside")
    folder.touch()  # no archive can be written into a file
    words = [sys.executable, "-m", "coursepulse", "privacy", "export", "held-up", str(tmp_path / "late.zip")]
    with subprocess.Popen(
        [*words, "--data", str(sender.data)], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as asked:
        try:
            assert asked.stderr is not None
            assert "held-up" in asked.stderr.readline()
            assert asked.stderr.readline().startswith("Still waiting: ")
        finally:
            folder.unlink()
            aside.rename(folder)
        assert asked.wait(60) == 0
    assert zipfile.is_zipfile(tmp_path / "late.zip")


def test_an_archive_that_cannot_be_written(sender: Platform, tmp_path: Path) -> None:
    done = command(sender, "privacy", "export", "anybody", tmp_path / "no-such-folder" / "own.zip")
    assert done.returncode == 1
    assert "own.zip cannot be written" in done.stderr


def kept(sender: Platform, student: str) -> tuple[int, int]:
    """Academic records of the course under the student's pseudonym, and under any."""
    found = sender.http.get("/v1/roster/people", params={"ids": student}).json()
    pseudonym = found[0]["student_id"] if found else "00000000-0000-0000-0000-000000000000"
    query = (
        "SELECT count(*) FILTER (WHERE student_id = %s), count(*) FROM academic_records WHERE course_id = %s"
    )
    with psycopg.connect(owner_dsn(sender.data)) as connection:
        row = connection.execute(query, (pseudonym, COURSE)).fetchone()
    assert row
    return int(row[0]), int(row[1])


def bring_records_up_to_date(sender: Platform) -> None:
    """They are made once a minute, and before every erasure: that of somebody unknown changes nothing else."""
    succeed(sender, "privacy", "erase", "nobody-of-this-name")


def enrolled(sender: Platform) -> int:
    return int(sender.metric("course_summary", course=COURSE)[0]["learners_enrolled"])


def test_erase_anonymises_and_prints_the_receipt(sender: Platform) -> None:
    learn(sender, "anonymised", "stays")
    before = enrolled(sender)
    said = succeed(sender, "privacy", "erase", "anonymised")
    first, *stores = said.splitlines()
    assert first.startswith("erasure anonymise done at ")
    assert any("PostgreSQL people" in line and " 1  " in line for line in stores)
    assert sender.http.get("/v1/roster/people", params={"ids": "anonymised"}).json() == []
    assert sender.metric("student_courses", student="anonymised") == []
    assert enrolled(sender) == before, "the class keeps its totals"


@pytest.mark.long
def test_erase_with_delete_takes_the_records_too(sender: Platform) -> None:
    learn(sender, "deleted", "stays")
    bring_records_up_to_date(sender)
    own, held = kept(sender, "deleted")
    before = enrolled(sender)
    told = json.loads(succeed(sender, "privacy", "erase", "deleted", "--delete", "--json"))
    assert (told["mode"], told["keep_records"]) == ("delete", False)
    lines = {line["store"]: line["rows"] for line in told["receipt"]}
    assert lines["PostgreSQL student_activity_events"] == len(study("deleted", 0))
    assert enrolled(sender) == before - 1
    assert lines["PostgreSQL academic_records"] == own > 0
    assert kept(sender, "deleted") == (0, held - own)


@pytest.mark.long
def test_keep_records_keeps_them_under_an_id_that_leads_nowhere(sender: Platform) -> None:
    learn(sender, "kept", "stays")
    bring_records_up_to_date(sender)
    own, held = kept(sender, "kept")
    assert own > 0
    before = enrolled(sender)
    told = json.loads(succeed(sender, "privacy", "erase", "kept", "--delete", "--keep-records", "--json"))
    assert (told["mode"], told["keep_records"]) == ("delete", True)
    assert enrolled(sender) == before - 1, "all else is gone"
    assert kept(sender, "kept") == (0, held), "and the records are there"
