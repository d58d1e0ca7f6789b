"""The door over HTTP, behind a real server on a free port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from coursepulse.cli import imports
from coursepulse.events.event import Envelope
from coursepulse.events.reasons import Reason
from coursepulse.formats import xapi
from coursepulse.importers import http
from coursepulse.importers.door import Letter
from coursepulse.importers.http import open_door
from coursepulse.kit.errors import CoursepulseError, RequestError
from coursepulse.web import dead_letters_api, events_api, health
from coursepulse.web.app import build
from coursepulse.web.services import Services
from tests.importers.front_door import SECRET, FrontDoor, front_door
from tests.importers.test_xapi import statement


def envelope(number: int, **changed: Any) -> Envelope:
    found = xapi.from_statement(statement(number, **changed))
    assert isinstance(found, list)
    return found[0]


@contextmanager
def serving(door: FrontDoor, **facts: Any) -> Iterator[str]:
    services = Services(
        settings=door.settings,
        clock=door.clock,
        door=door.door,
        metrics=None,  # type: ignore[arg-type]
        health=lambda: facts,
    )
    app = build(services, [*events_api.routes, *dead_letters_api.routes, *health.routes])
    with socket.create_server(("127.0.0.1", 0)) as free:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{free.getsockname()[1]}"
        finally:  # of a failed test too: the thread would keep the run alive for ever
            server.should_exit = True
            thread.join()


def test_events_are_judged_one_by_one(tmp_path: Path) -> None:
    with front_door(tmp_path) as behind, serving(behind) as url, open_door(url, SECRET) as door:
        behind.grant("learner-1", "learner-2")
        late = envelope(2, timestamp="9999-01-01T00:00:00Z")
        verdicts = door.send([envelope(1), late])
        assert [(each.index, each.reason, each.path) for each in verdicts] == [
            (1, "timestamp_in_future", "$.timestamp")
        ]
        assert len(behind.events()) == 1


def test_a_batch_that_is_too_large_is_sent_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_LARGEST", 1000)
    with front_door(tmp_path) as behind, serving(behind) as url, open_door(url, SECRET) as door:
        behind.grant(*(f"learner-{number}" for number in range(6)))
        verdicts = door.send([envelope(number) for number in range(20)])
        assert [each.index for each in verdicts] == [6, 13]  # learner-6 did not agree
        assert len(behind.events()) == 18


def test_broken_records_are_listed_with_their_place(tmp_path: Path) -> None:
    broken = b'{"student_id":"learner-1" \x00 \xff'
    letter = Letter("line 3 of a.log", Reason.MALFORMED, "$", "Not JSON.", broken)
    with front_door(tmp_path) as behind, serving(behind) as url, open_door(url, SECRET) as door:
        behind.grant("learner-1")
        door.bury([letter])
        door.bury([letter])
        door.bury([])
        (kept,) = behind.letters()
        assert (kept.event_id, kept.reason, kept.sentence) == ("line 3 of a.log", "malformed", "Not JSON.")
        assert kept.body.decode() == '{"student_id":"learner-1" \ufffd \ufffd'


def test_a_broken_record_of_nobody_is_listed_without_its_text(tmp_path: Path) -> None:
    letter = Letter("line 3 of a.log", Reason.MALFORMED, "$", "Not JSON.", b"{\x00 \xff")
    with front_door(tmp_path) as behind, serving(behind) as url, open_door(url, SECRET) as door:
        door.bury([letter])
        (kept,) = behind.letters()
        assert (kept.event_id, kept.body) == ("line 3 of a.log", b"")


def test_many_broken_records_go_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_LARGEST", 1000)
    letters = [
        Letter(f"line {number} of a.log", Reason.INVALID_VALUE, "$.x", "Wrong.", b"x" * 100)
        for number in range(30)
    ]
    with front_door(tmp_path) as behind, serving(behind) as url, open_door(url, SECRET) as door:
        door.bury(letters)
        assert [letter.event_id for letter in behind.letters()] == [letter.place for letter in letters]


def test_the_pipeline_is_asked_how_far_it_is(tmp_path: Path) -> None:
    facts = {"pipeline": {"applied": 5, "duplicates": 2}}
    with front_door(tmp_path) as behind, serving(behind, **facts) as url, open_door(url, SECRET) as door:
        behind.grant("learner-1")
        door.send([envelope(1)])
        found = door.pipeline()
        assert found is not None
        assert (found.applied, found.duplicates) == (5, 2)


def test_a_wrong_key_is_refused_at_once(tmp_path: Path) -> None:
    with front_door(tmp_path) as behind, serving(behind) as url, open_door(url, "wrong") as door:
        with pytest.raises(RequestError, match="not known here") as refused:
            door.send([envelope(1)])
        assert refused.value.code == "key_unknown"


def test_a_file_of_another_format_is_refused_whole_and_kept_once(tmp_path: Path) -> None:
    file = tmp_path / "statements.log"
    file.write_text('{"no": "tracking log"}\nnot even JSON\n')
    with front_door(tmp_path) as behind, serving(behind) as url:
        for _ in range(2):
            with pytest.raises(CoursepulseError, match="Nothing was accepted: every record was refused"):
                imports.run_openedx([file], url, SECRET, tmp_path, consent=False, roster=False, as_json=True)
        assert [letter.event_id for letter in behind.letters()] == [
            f"line {number} of statements.log" for number in (1, 2)
        ]
        assert [letter.reason for letter in behind.letters()] == ["missing_field", "malformed"]
