"""The functions behind ``coursepulse dead-dead_letters``, over a real server."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursepulse.cli import dead_letters
from coursepulse.kit.errors import RequestError, SettingError
from tests.collect.harness import CollectorHarness, collector_harness, event


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[CollectorHarness]:
    """A server with one dead letter."""
    with collector_harness(tmp_path) as built:
        built.send(event(event_type="nonsense"))
        yield built


def test_list_fix_and_replay(
    collector: CollectorHarness, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dead_letters.show(collector.url, "sender", None, 10)
    listed = capsys.readouterr().out
    assert "unknown_event_type" in listed.replace("\n", "")
    assert "1 wait: 1 unknown_event_type." in listed
    mended = tmp_path / "mended.json"
    mended.write_text(json.dumps(event()))
    dead_letters.fix(collector.url, "sender", 1, mended)
    assert "Dead letter 1 is mended" in capsys.readouterr().out
    dead_letters.replay(collector.url, "sender", [1], None)
    assert "1 accepted, 0 refused again." in capsys.readouterr().out
    dead_letters.show(collector.url, "sender", None, 10)
    assert "No dead letters wait." in capsys.readouterr().out


def test_json_for_programs(collector: CollectorHarness, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    dead_letters.show(collector.url, "sender", "unknown_event_type", 10, as_json=True)
    sys.stdout.flush()
    assert json.loads(capfdbinary.readouterr().out)["letters"][0]["event_id"] == "e-1"
    dead_letters.replay(collector.url, "sender", None, None, as_json=True)
    sys.stdout.flush()
    assert json.loads(capfdbinary.readouterr().out)["rejected"][0]["reason"] == "unknown_event_type"


def test_a_dead_letter_that_is_refused_again_is_explained(
    collector: CollectorHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    dead_letters.replay(collector.url, "sender", None, "unknown_event_type")
    assert "1: unknown_event_type at $.event_type: `nonsense` is not an event type" in capsys.readouterr().out


def test_a_reason_can_be_copied_from_a_narrow_list(
    collector: CollectorHarness, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    dead_letters.show(collector.url, "sender", None, 10)
    assert any("unknown_event_type" in line for line in capsys.readouterr().out.splitlines()[1:-1])


def test_wishes_that_cannot_be_name_their_option(collector: CollectorHarness) -> None:
    with pytest.raises(
        SettingError, match=r"--reason `nosuch` is unknown; choose one of malformed, missing_field"
    ):
        dead_letters.show(collector.url, "sender", "nosuch", 10)
    with pytest.raises(SettingError, match=r"--limit must lie between 1 and 1,000"):
        dead_letters.show(collector.url, "sender", None, 0)
    with pytest.raises(SettingError, match=r"numbers of dead letters or --reason, not both"):
        dead_letters.replay(collector.url, "sender", [1], "malformed")


def test_a_dead_letter_that_does_not_wait_is_named(collector: CollectorHarness) -> None:
    with pytest.raises(RequestError, match=r"No dead letter of 99999 waits"):
        dead_letters.replay(collector.url, "sender", [99999], None)
    with pytest.raises(RequestError, match=r"Not every dead letter of 1, 99999 waits"):
        dead_letters.replay(collector.url, "sender", [1, 99999], None)


def test_a_mended_event_from_standard_input(
    collector: CollectorHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(event()).encode())))
    dead_letters.fix(collector.url, "sender", 1, Path("-"))
    assert json.loads(collector.dead_letters.pick([1])[0].body) == event()


def test_a_file_that_is_not_there(collector: CollectorHarness, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"nothing\.json cannot be read"):
        dead_letters.fix(collector.url, "sender", 1, tmp_path / "nothing.json")
