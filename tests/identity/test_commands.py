"""``coursepulse users`` and ``coursepulse keys`` against a running server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from coursepulse.cli.main import app
from coursepulse.kit.errors import RequestError, SettingError
from tests.support.browsing import try_sign_in, visit
from tests.support.server import Platform


@pytest.fixture
def data(running_server: Platform, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data directory of the server, which commands find by its setting."""
    found: Path = running_server.data
    monkeypatch.setenv("COURSEPULSE_DATA", str(found))
    return found


def run(*arguments: str, given: str | None = None) -> str:
    result = CliRunner().invoke(app, arguments, input=given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def tell(*arguments: str, given: str | None = None) -> Any:
    return json.loads(run(*arguments, "--json", given=given))


def enters(running_server: Platform, name: str, password: str) -> bool:
    with visit(running_server.server.url) as http:
        return try_sign_in(http, name, password).status_code == 303


def test_an_account_from_its_first_day_to_its_last(running_server: Platform, data: Path) -> None:
    running_server.http.put("/v1/roster/organisations", json=[{"organisation_id": "uni"}]).raise_for_status()
    made = tell(
        "users",
        "add",
        "cli-ann",
        "--role",
        "student",
        "--person",
        "s-1",
        "--reason",
        "The student asked for it.",
        "--organisation",
        "uni",
    )
    assert enters(running_server, "cli-ann", made["password"])
    why = ("--reason", "Teaches from this term on.")
    assert tell("users", "role", "cli-ann", "instructor", *why)["role"] == "instructor"
    given = "another long password\n"
    changed = tell("users", "password", "cli-ann", "--password-file", "-", *why, given=given)
    assert changed["password"] is None
    assert enters(running_server, "cli-ann", "another long password")
    assert tell("users", "disable", "cli-ann")["disabled"] is True
    assert "cli-ann" in run("users", "list")
    assert not enters(running_server, "cli-ann", "another long password")
    tell("users", "disable", "cli-ann", "--enable")
    (listed,) = [each for each in tell("users", "list") if each["login_name"] == "cli-ann"]
    assert (listed["role"], listed["organisation_id"], listed["disabled"]) == ("instructor", "uni", False)
    assert listed["student_id"]


def test_a_key_from_its_first_day_to_its_last(running_server: Platform, data: Path) -> None:
    secret = tell("keys", "add", "cli-bi", "--scope", "read", "--scope", "ingest")["secret"]
    headers = {"Authorization": f"Bearer {secret}"}
    asked = f"{running_server.server.url}/v1/metrics"
    assert httpx.get(asked, headers=headers).status_code == 200
    assert "cli-bi" in run("keys", "list")
    assert "is revoked" in run("keys", "revoke", "cli-bi")
    assert httpx.get(asked, headers=headers).status_code == 403


def test_what_cannot_be_is_one_sentence(running_server: Platform, data: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(RequestError, match="A role is one of"):
        run("users", "add", "cli-x", "--role", "king")
    with pytest.raises(RequestError, match="There is no organisation nosuch on the roster"):
        run("users", "add", "cli-x", "--role", "manager", "--organisation", "nosuch")
    with pytest.raises(RequestError, match="There is no such account"):
        run("users", "disable", "cli-nobody")
    with pytest.raises(SettingError, match="contains no password"):
        run("users", "password", "cli-x", "--password-file", str(tmp_path / "empty"))
    with pytest.raises(SettingError, match="cannot be read"):
        run("users", "password", "cli-x", "--password-file", str(tmp_path / "missing"))
