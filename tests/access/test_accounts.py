"""Names, passwords, pauses and claims: pure rules."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.access.account_claims import ClaimRules, parse_roles, pick_claim
from coursepulse.access.account_pause import (
    FOR_ADDRESS,
    FOR_NAME,
    LONGEST,
    Allowance,
    Failures,
    count_failure,
    pause_left,
)
from coursepulse.access.accounts import ROLES, check_login, check_password, read_role
from coursepulse.access.viewer import Role
from coursepulse.kit.clock import HOUR, SECOND
from coursepulse.kit.errors import RequestError, SettingError

RULES = ClaimRules("groups", parse_roles("it=admin, teach=instructor"), None, "org", "person")


def fail(times: int, allowance: Allowance, every: int = 0) -> Failures:
    failures = Failures(0, 0)
    for number in range(times):
        failures = count_failure(failures, allowance, number * every)
    return failures


@pytest.mark.parametrize(
    ("times", "seconds"), [(0, 0), (4, 0), (5, 2), (6, 4), (7, 8), (12, 256), (13, 300), (1000, 300)]
)
def test_the_pause_grows(times: int, seconds: int) -> None:
    assert pause_left(fail(times, FOR_NAME), FOR_NAME, 0) == seconds * SECOND


def test_failures_are_forgotten_one_by_one() -> None:
    failures = fail(6, FOR_NAME)
    assert count_failure(failures, FOR_NAME, 2 * HOUR).number == 5
    assert count_failure(failures, FOR_NAME, 100 * HOUR).number == 1


def test_a_school_behind_one_address_that_mistypes_once_a_minute_never_waits() -> None:
    failures = fail(500, FOR_ADDRESS, 60 * SECOND)
    assert pause_left(failures, FOR_ADDRESS, 500 * 60 * SECOND) == 0


@given(st.integers(0, 10**6), st.integers(-(10**14), 10**15))
def test_nobody_waits_longer_than_the_longest_pause(times: int, later: int) -> None:
    left = pause_left(Failures(times, 0), FOR_NAME, later)
    assert 0 <= left <= LONGEST + max(0, -later)


@pytest.mark.parametrize(
    ("given_name", "name"), [(" Ann ", "ann"), ("a.b+c@d-e.org", "a.b+c@d-e.org"), ("7", "7")]
)
def test_a_login_name(given_name: str, name: str) -> None:
    assert check_login(given_name) == name


@pytest.mark.parametrize("name", ["", " ", "a b", "ä", "-a", "a" * 129, "a\nb", "<a>"])
def test_a_login_name_that_cannot_be(name: str) -> None:
    with pytest.raises(RequestError, match="A login name has"):
        check_login(name)


@pytest.mark.parametrize("password", ["", "123456789", "x" * 257])
def test_a_password_that_cannot_be(password: str) -> None:
    with pytest.raises(RequestError, match="A password has 10 to 256"):
        check_password(password)


def test_people_are_never_services() -> None:
    assert {read_role(role) for role in ROLES} == set(Role) - {Role.SERVICE}
    with pytest.raises(RequestError, match="A role is one of"):
        read_role("service")


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"groups": ["teach", "it"]}, Role.ADMIN),
        ({"groups": "teach"}, Role.INSTRUCTOR),
        ({"groups": ["admin"]}, None),
        ({"groups": {"it": True}}, None),
        ({"groups": None}, None),
        ({}, None),
    ],
)
def test_the_role_of_claims(claims: dict[str, Any], role: Role | None) -> None:
    assert RULES.role_of(claims) == role
    assert RULES._replace(fallback=Role.STUDENT).role_of(claims) == (role or Role.STUDENT)


def test_claims_may_lie_in_objects_or_have_dots_in_their_names() -> None:
    assert pick_claim({"a": {"b": 1}}, "a.b") == 1
    assert pick_claim({"https://x.org/roles": 2}, "https://x.org/roles") == 2
    assert pick_claim({"a": 3}, "a.b") is None
    assert pick_claim({"": 4}, "") is None


def test_organisation_and_person_may_be_missing() -> None:
    assert (RULES.organisation_of({"org": ["uni"]}), RULES.person_of({"person": 7})) == ("uni", "7")
    assert (RULES.organisation_of({}), RULES.person_of({"person": ""})) == ("", "")
    assert RULES.is_answered({"groups": [], "org": "", "person": ""})
    assert not RULES.is_answered({"groups": []})


@pytest.mark.parametrize("text", ["it", "=admin", "it=king", "it=service"])
def test_a_mapping_that_is_none_is_named(text: str) -> None:
    with pytest.raises(SettingError, match="COURSEPULSE_OIDC_ROLES"):
        parse_roles(text)
