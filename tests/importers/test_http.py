"""The collector over HTTP, behind a real server on a free port."""

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
from coursepulse.events.reasons import RejectionReason
from coursepulse.formats import xapi
from coursepulse.importers import http
from coursepulse.importers.destination import BrokenRecord
from coursepulse.importers.http import open_destination
from coursepulse.importers.statements import openedx_files
from coursepulse.kit.errors import CoursepulseError, RequestError
from coursepulse.web.http import health
from coursepulse.web.http.app import build
from coursepulse.web.ingest import dead_letters_api, events_api
from tests.importers.local_destination import SECRET, LocalDestination, local_destination
from tests.importers.test_xapi import statement
from tests.support.services import wire


def envelope(number: int, **changed: Any) -> Envelope:
    found = xapi.from_statement(statement(number, **changed))
    assert isinstance(found, list)
    return found[0]


@contextmanager
def serving(destination: LocalDestination, **facts: Any) -> Iterator[str]:
    services = wire(
        settings=destination.settings,
        clock=destination.clock,
        collector=destination.collector,
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
    with (
        local_destination(tmp_path) as behind,
        serving(behind) as url,
        open_destination(url, SECRET) as destination,
    ):
        behind.grant("learner-1", "learner-2")
        late = envelope(2, timestamp="9999-01-01T00:00:00Z")
        verdicts = destination.send([envelope(1), late])
        assert [(each.index, each.reason, each.path) for each in verdicts] == [
            (1, "timestamp_in_future", "$.timestamp")
        ]
        assert len(behind.events()) == 1


def test_a_batch_that_is_too_large_is_sent_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_LARGEST", 1000)
    with (
        local_destination(tmp_path) as behind,
        serving(behind) as url,
        open_destination(url, SECRET) as destination,
    ):
        behind.grant(*(f"learner-{number}" for number in range(6)))
        verdicts = destination.send([envelope(number) for number in range(20)])
        assert [each.index for each in verdicts] == [6, 13]  # learner-6 did not agree
        assert len(behind.events()) == 18


def test_broken_records_are_listed_with_their_place(tmp_path: Path) -> None:
    broken = b'{"student_id":"learner-1" \x00 \xff'
    dead_letter = BrokenRecord("line 3 of a.log", RejectionReason.MALFORMED, "$", "Not JSON.", broken)
    with (
        local_destination(tmp_path) as behind,
        serving(behind) as url,
        open_destination(url, SECRET) as destination,
    ):
        behind.grant("learner-1")
        destination.put_aside([dead_letter])
        destination.put_aside([dead_letter])
        destination.put_aside([])
        (kept,) = behind.dead_letters()
        assert (kept.event_id, kept.reason, kept.sentence) == ("line 3 of a.log", "malformed", "Not JSON.")
        assert kept.body.decode() == '{"student_id":"learner-1" \ufffd \ufffd'


def test_a_broken_record_of_nobody_is_listed_without_its_text(tmp_path: Path) -> None:
    dead_letter = BrokenRecord("line 3 of a.log", RejectionReason.MALFORMED, "$", "Not JSON.", b"{\x00 \xff")
    with (
        local_destination(tmp_path) as behind,
        serving(behind) as url,
        open_destination(url, SECRET) as destination,
    ):
        destination.put_aside([dead_letter])
        (kept,) = behind.dead_letters()
        assert (kept.event_id, kept.body) == ("line 3 of a.log", b"")


def test_many_broken_records_go_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_LARGEST", 1000)
    dead_letters = [
        BrokenRecord(f"line {number} of a.log", RejectionReason.INVALID_VALUE, "$.x", "Wrong.", b"x" * 100)
        for number in range(30)
    ]
    with (
        local_destination(tmp_path) as behind,
        serving(behind) as url,
        open_destination(url, SECRET) as destination,
    ):
        destination.put_aside(dead_letters)
        assert [dead_letter.event_id for dead_letter in behind.dead_letters()] == [
            dead_letter.place for dead_letter in dead_letters
        ]


def test_the_pipeline_is_asked_how_far_it_is(tmp_path: Path) -> None:
    facts = {"pipeline": {"applied": 5, "duplicates": 2}}
    with (
        local_destination(tmp_path) as behind,
        serving(behind, **facts) as url,
        open_destination(url, SECRET) as destination,
    ):
        behind.grant("learner-1")
        destination.send([envelope(1)])
        found = destination.pipeline()
        assert found is not None
        assert (found.applied, found.duplicates) == (5, 2)


def test_a_wrong_key_is_refused_at_once(tmp_path: Path) -> None:
    with (
        local_destination(tmp_path) as behind,
        serving(behind) as url,
        open_destination(url, "wrong") as destination,
    ):
        with pytest.raises(RequestError, match="not known here") as refused:
            destination.send([envelope(1)])
        assert refused.value.code == "key_unknown"


def test_a_file_of_another_format_is_refused_whole_and_kept_once(tmp_path: Path) -> None:
    file = tmp_path / "statements.log"
    file.write_text('{"no": "tracking log"}\nnot even JSON\n')
    with local_destination(tmp_path) as behind, serving(behind) as url:
        for _ in range(2):
            with pytest.raises(CoursepulseError, match="Nothing was accepted: every record was refused"):
                imports.run_events(
                    openedx_files([file]), url, SECRET, tmp_path, consent=False, roster=False, as_json=True
                )
        assert [dead_letter.event_id for dead_letter in behind.dead_letters()] == [
            f"line {number} of statements.log" for number in (1, 2)
        ]
        assert [dead_letter.reason for dead_letter in behind.dead_letters()] == ["missing_field", "malformed"]
