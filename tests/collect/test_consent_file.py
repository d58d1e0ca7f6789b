from __future__ import annotations

from pathlib import Path

import pytest

from coursepulse.collect.consents import ConsentFile
from coursepulse.kit.errors import SettingError
from coursepulse.privacy.consent import ConsentDecision, Purpose
from tests.collect.harness import CollectorHarness, event

ANN, BEN = b"a" * 16, b"b" * 16


def test_decisions_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "new" / "consents.bin"
    file = ConsentFile(path)
    file.record(
        [
            ConsentDecision(ANN, Purpose.ANALYTICS, granted=True),
            ConsentDecision(BEN, Purpose.RESEARCH, granted=True),
        ]
    )
    file.record([ConsentDecision(BEN, Purpose.RESEARCH, granted=False)])
    register = ConsentFile(path).register
    assert register.allows(ANN, Purpose.ANALYTICS)
    assert not register.allows(BEN, Purpose.RESEARCH)
    assert list(path.parent.iterdir()) == [path]


def test_the_store_of_record_replaces_what_the_file_knew(tmp_path: Path) -> None:
    file = ConsentFile(tmp_path / "consents.bin")
    file.record([ConsentDecision(ANN, Purpose.ANALYTICS, granted=True)])
    file.replace([(BEN, 15)])
    assert list(ConsentFile(tmp_path / "consents.bin").register) == [(BEN, 15)]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "consents.bin").write_bytes(b"x" * 18)
    with pytest.raises(SettingError, match=r"consents\.bin is damaged"):
        ConsentFile(tmp_path / "consents.bin")


def test_a_consent_counts_from_the_next_event_on(collector: CollectorHarness) -> None:
    assert collector.send(event(student_id="ben"))["accepted"] == 0
    collector.consents.apply([ConsentDecision(collector.names.of("ben"), Purpose.ANALYTICS, granted=True)])
    assert collector.send(event(student_id="ben"))["accepted"] == 1
    collector.consents.apply([ConsentDecision(collector.names.of("ben"), Purpose.ANALYTICS, granted=False)])
    assert collector.send(event(student_id="ben"))["accepted"] == 0


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.ANALYTICS}))
def test_a_consent_to_something_else_does_not_open_the_collector(
    collector: CollectorHarness, purpose: Purpose
) -> None:
    collector.consents.apply([ConsentDecision(collector.names.of("ben"), purpose, granted=True)])
    assert collector.send(event(student_id="ben"))["accepted"] == 0
