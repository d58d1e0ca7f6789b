"""The client against a real server, and against one that comes and goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.types import ASGIApp, Receive, Scope, Send

from coursepulse.client import Client, Receipts
from coursepulse.client.spool import Spool
from coursepulse.events.event import Envelope
from coursepulse.kit.errors import CoursepulseError, RequestError, SettingError
from coursepulse.kit.ids import to_bytes
from tests.collect.harness import CollectorHarness, collector_harness, event, micros, running


class Gate:
    """Lets requests through to an application, or answers them with ``status``."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.status = 0
        self.requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests += 1
        if not self.status:
            return await self.app(scope, receive, send)
        while (await receive()).get("more_body"):
            pass
        body = b'{"code": "shut", "sentence": "The gate is shut."}'
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": body, "more_body": False})
        return None


class GatedCollector(CollectorHarness):
    """A collector behind a gate."""

    gate: Gate


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GatedCollector]:
    """A collector whose server can be shut."""
    with collector_harness(tmp_path / "server") as built:
        gate = Gate(built.app())
        with running(gate) as url:
            built.url = url
            built.__class__ = GatedCollector
            assert isinstance(built, GatedCollector)
            built.gate = gate
            yield built


def numbered(start: int, stop: int, **changes: Any) -> list[dict[str, Any]]:
    return [event(event_id=f"e-{number}", **changes) for number in range(start, stop)]


def stored(server: CollectorHarness) -> list[bytes]:
    return [kept.event_id for kept in server.stored()]


def ids(start: int, stop: int) -> list[bytes]:
    return [to_bytes(f"e-{number}", "event") for number in range(start, stop)]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def client(server: CollectorHarness, spool: Path | None = None, **chosen: Any) -> Client:
    return Client(server.url, "sender", spool=spool, **{"linger": 3600.0, "patience": 0.0, **chosen})


def test_events_go_out_in_batches_and_the_rest_at_the_end(server: GatedCollector) -> None:
    with client(server, batch=10) as sender:
        for each in numbered(0, 25):
            sender.send(each)
        assert server.gate.requests == 2
        assert sender.flush() == Receipts(accepted=25)
    assert stored(server) == ids(0, 25)


def test_an_envelope_is_as_good_as_a_dict(server: GatedCollector) -> None:
    from coursepulse.kit.clock import from_micros

    when = from_micros(micros("2026-03-02T12:00:00Z"))
    with client(server) as sender:
        sender.send(Envelope(event_id="e-0", event_type="lesson_start", timestamp=when, student_id="ann"))
    assert stored(server) == ids(0, 1)


def test_what_waits_goes_out_after_a_while(server: GatedCollector) -> None:
    with client(server, linger=0.05) as sender:
        sender.send(event())
        wait_for(lambda: bool(server.stored()))


def test_receipts_add_up_and_name_what_was_refused(server: GatedCollector) -> None:
    with client(server, batch=2) as sender:
        for each in [
            *numbered(0, 3),
            event(student_id="ben"),
            event(payload={"more": 1}),
            event(event_type="odd"),
        ]:
            sender.send(each)
        receipts = sender.flush()
        assert sender.flush() == Receipts()
    assert receipts.accepted == 4
    assert receipts.rejected == {"no_consent": 1, "unknown_event_type": 1}
    assert receipts.dropped_fields == {"lesson_start.more": 1}
    assert [each.path for each in receipts.rejections] == ["$.student_id", "$.event_type"]


def test_many_threads_share_a_client(server: GatedCollector) -> None:
    with client(server, batch=7) as sender:

        def send_some(thread: int) -> None:
            for each in numbered(thread * 100, thread * 100 + 100):
                sender.send(each)

        threads = [threading.Thread(target=send_some, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sender.flush().accepted == 600
    assert sorted(stored(server)) == sorted(ids(0, 600))


def test_a_batch_that_is_too_large_is_halved(server: GatedCollector) -> None:
    with client(server, batch=10_001) as sender:
        for each in numbered(0, 10_001, context={}):
            sender.send(each)
        assert sender.flush().accepted == 10_001


def test_an_event_that_is_too_large_alone_is_reported(server: GatedCollector) -> None:
    with client(server, batch=3) as sender:
        sender.send(event(event_id="e-0"))
        sender.send(event(payload={"x": "y" * (9 << 20)}))
        sender.send(event(event_id="e-1"))
        receipts = sender.flush()
    assert (receipts.accepted, receipts.rejected) == (2, {"body_too_large": 1})
    assert stored(server) == ids(0, 2)


def test_without_a_spool_an_absence_is_raised_and_nothing_is_lost(server: GatedCollector) -> None:
    server.gate.status = 503
    sender = client(server, batch=2)
    sender.send(event(event_id="e-0"))
    with pytest.raises(RequestError, match="The gate is shut"):
        sender.send(event(event_id="e-1"))
    with pytest.raises(RequestError, match="The gate is shut"):
        sender.flush()
    server.gate.status = 0
    assert sender.flush().accepted == 2
    sender.close()
    assert stored(server) == ids(0, 2)


def test_a_wrong_key_is_raised(server: GatedCollector) -> None:
    sender = Client(server.url, "wrong", linger=3600)
    sender.send(event())
    with pytest.raises(RequestError, match="not known here"):
        sender.close()


def test_trouble_in_the_background_is_told_at_the_next_call(server: GatedCollector) -> None:
    server.gate.status = 403
    sender = client(server, linger=0.02)
    sender.send(event(event_id="e-0"))
    wait_for(lambda: server.gate.requests > 1)
    with pytest.raises(RequestError, match="The gate is shut"):
        sender.send(event(event_id="e-1"))
    server.gate.status = 0
    sender.close()
    assert set(stored(server)) == set(ids(0, 2))


def test_what_the_server_cannot_take_is_spooled_and_sent_first_and_in_order(
    server: GatedCollector, tmp_path: Path
) -> None:
    server.gate.status = 503
    with client(server, tmp_path / "spool", batch=10, rest=3600) as sender:
        for each in numbered(0, 35):
            sender.send(each)
        assert sender.flush() == Receipts(spooled=35)
        assert server.gate.requests == 2, "a server that is away is left alone between flushes"
        server.gate.status = 0
        for each in numbered(35, 40):
            sender.send(each)
        assert sender.flush() == Receipts(accepted=40)
    assert sorted(stored(server)) == sorted(ids(0, 40))
    assert stored(server)[:30] == ids(0, 30)


def test_the_spool_outlives_the_process(server: GatedCollector, tmp_path: Path) -> None:
    server.gate.status = 503
    for start in (0, 50):
        with client(server, tmp_path / "spool", batch=4) as sender:
            for each in numbered(start, start + 50):
                sender.send(each)
    server.gate.status = 0
    with client(server, tmp_path / "spool", batch=4) as sender:
        sender.send(event(event_id="e-100"))
        assert sender.flush() == Receipts(accepted=101)
    assert stored(server) == ids(0, 101)


def test_a_server_that_is_not_there_at_all(tmp_path: Path) -> None:
    with Client("http://127.0.0.1:9", "key", spool=tmp_path, patience=0.0) as sender:
        sender.send(event())
        assert sender.flush().spooled == 1


def test_a_refusal_with_a_spool_is_raised_and_nothing_is_lost(server: GatedCollector, tmp_path: Path) -> None:
    server.gate.status = 403
    sender = client(server, tmp_path / "spool", batch=5)
    for each in numbered(0, 4):
        sender.send(each)
    with pytest.raises(RequestError, match="The gate is shut"):
        sender.send(event(event_id="e-4"))
    with pytest.raises(RequestError, match="The gate is shut"):
        sender.close()
    server.gate.status = 0
    with client(server, tmp_path / "spool") as sender:
        assert sender.flush().accepted == 5


def test_a_damaged_spool_file_is_set_aside_and_the_rest_goes_out(
    server: GatedCollector, tmp_path: Path
) -> None:
    server.gate.status = 503
    with client(server, tmp_path / "spool", batch=5, rest=3600) as sender:
        for each in numbered(0, 10):
            sender.send(each)
    first = min((tmp_path / "spool").glob("*.zst"))
    first.write_bytes(first.read_bytes()[:-5])
    server.gate.status = 0
    sender = client(server, tmp_path / "spool")
    with pytest.raises(CoursepulseError, match="set aside"):
        sender.flush()
    assert sender.flush().accepted == 5
    sender.close()
    assert [file.name for file in (tmp_path / "spool").glob("*.refused")] == [f"{first.name}.refused"]


def test_two_clients_never_share_a_spool(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with pytest.raises(SettingError, match="Another client"):
        Spool(tmp_path)
    spool.close()
    Spool(tmp_path).close()


def test_a_draft_of_a_crashed_client_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / "000000000001-5.ndjson.new").write_bytes(b"half")
    spool = Spool(tmp_path)
    assert (spool.events, spool.first()) == (0, None)
    assert list(tmp_path.glob("*.new")) == []
    spool.close()


def test_put_hands_back_the_answer(server: GatedCollector) -> None:
    with client(server) as sender, pytest.raises(RequestError) as caught:
        sender.put("/v1/nowhere", [{"a": 1}])
    assert caught.value.code == "not_found"


def test_closing_twice_does_nothing(server: GatedCollector) -> None:
    sender = client(server)
    sender.close()
    sender.close()
