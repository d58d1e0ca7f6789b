from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.privacy.consent import ConsentDecision, ConsentRegister, Purpose

ANN, BEN = b"a" * 16, b"b" * 16


@pytest.mark.parametrize("purpose", Purpose)
def test_unknown_means_no(purpose: Purpose) -> None:
    assert not ConsentRegister().allows(ANN, purpose)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_consent_covers_its_purpose_and_person_only(purpose: Purpose) -> None:
    register = ConsentRegister()
    register.apply([ConsentDecision(ANN, purpose, granted=True)])
    assert [each for each in Purpose if register.allows(ANN, each)] == [purpose]
    assert not any(register.allows(BEN, each) for each in Purpose)


def test_a_consent_can_be_taken_back() -> None:
    register = ConsentRegister()
    register.apply(
        [
            ConsentDecision(ANN, Purpose.ANALYTICS, granted=True),
            ConsentDecision(ANN, Purpose.RESEARCH, granted=True),
        ]
    )
    register.apply([ConsentDecision(ANN, Purpose.ANALYTICS, granted=False)])
    assert not register.allows(ANN, Purpose.ANALYTICS)
    assert register.allows(ANN, Purpose.RESEARCH)


def test_a_refusal_is_the_same_as_unknown_and_leaves_no_trace() -> None:
    register = ConsentRegister()
    register.apply([ConsentDecision(ANN, Purpose.ANALYTICS, granted=False)])
    assert not register.allows(ANN, Purpose.ANALYTICS)
    assert len(register) == 0


DECISIONS = st.builds(ConsentDecision, st.sampled_from([ANN, BEN]), st.sampled_from(Purpose), st.booleans())


@given(st.lists(DECISIONS))
def test_the_last_decision_counts(made: list[ConsentDecision]) -> None:
    register = ConsentRegister()
    register.apply(made)
    last = {(student, purpose): granted for student, purpose, granted in made}
    for student in (ANN, BEN):
        for purpose in Purpose:
            assert register.allows(student, purpose) == last.get((student, purpose), False)
    assert {student for student, _ in ConsentRegister(register)} == {
        student for (student, _), granted in last.items() if granted
    }


def test_replacing_forgets_what_was_known() -> None:
    register = ConsentRegister([(ANN, 15)])
    register.replace([(BEN, Purpose.ANALYTICS.bit)])
    assert list(register) == [(BEN, 1)]


def test_purposes_are_spelled_as_platforms_send_them() -> None:
    spelled = "analytics personalisation research employer_sharing leaderboards class_comparison"
    assert [str(each) for each in Purpose] == spelled.split()
    assert [each.bit for each in Purpose] == [1, 2, 4, 8, 16, 32]
