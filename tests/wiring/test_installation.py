"""A command that is pointed at the wrong directory says so, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coursepulse.cli.main import app
from coursepulse.kit.errors import SettingError
from tests.docs.test_docs import commands

#: Commands that are about what exists already, with what they cannot do without.
REFUSE = {
    "audit export": "",
    "audit search": "",
    "alerts explain": "00000000-0000-4000-8000-000000000000",
    "alerts list": "",
    "alerts test-rule": "failed_submits --since 2026-11-01",
    "audit verify": "",
    "compliance report": "",
    "dead-letters fix": "1 mended.json",
    "dead-letters list": "",
    "dead-letters replay": "",
    "import consents": "consents.csv",
    "insight card": "",
    "insight explain": "s-1 algebra",
    "insight roll-back": "",
    "insight train": "",
    "jobs run": "retention",
    "keys list": "",
    "keys revoke": "lms",
    "metrics": "",
    "privacy erase": "s-1",
    "privacy export": "s-1 own.zip",
    "privacy requests": "",
    "rebuild": "",
    "superset guest-token": "ada --url http://127.0.0.1:9 --password secret",
    "users disable": "ada",
    "users list": "",
    "users password": "ada",
    "users role": "ada admin",
    "warehouse export": "",
    "webhooks add": "chat --url https://chat.example/hook",
    "webhooks dead-letters": "",
    "webhooks list": "",
    "webhooks remove": "00000000-0000-4000-8000-000000000000",
    "webhooks replay": "",
}

#: Commands with which an installation may begin, or that need none.
BEGIN = {
    "bench",
    "demo",
    "doctor",
    "import caliper",
    "import moodle",
    "import oneroster",
    "import openedx",
    "import oulad",
    "import roster",
    "import xapi",
    "insight evaluate",
    "jobs list",
    "keys add",
    "migrate",
    "plan",
    "sagemaker train",
    "serve",
    "simulate",
    "superset export",
    "superset install",
    "users add",
    "version",
}


def test_every_command_has_been_thought_about() -> None:
    assert {each.removeprefix("coursepulse ") for each in commands(app)} == BEGIN | set(REFUSE)


@pytest.mark.parametrize("command", REFUSE)
def test_a_mistyped_directory_is_refused(command: str, tmp_path: Path) -> None:
    typo = tmp_path / "typo"
    words = f"{command} {REFUSE[command]}"
    with pytest.raises(SettingError, match=f"No installation found in {typo}"):
        CliRunner().invoke(app, [*words.split(), "--data", str(typo)], catch_exceptions=False)
    assert not typo.exists()


def test_the_refusal_is_one_line_and_not_a_success(tmp_path: Path) -> None:
    done = run("privacy", "erase", "s-1", "--data", str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("coursepulse: No installation found in ")
    assert list(tmp_path.iterdir()) == []


def test_an_installation_that_begins_with_its_first_account(tmp_path: Path) -> None:
    first = run("users", "add", "ada", "--role", "admin", "--data", str(tmp_path))
    assert first.returncode == 0
    assert first.stderr == f"coursepulse: a new installation begins in {tmp_path}\n"
    listed = run("users", "list", "--data", str(tmp_path))
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "ada" in listed.stdout


def run(*words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "coursepulse", *words]
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=120)


def test_a_command_loads_nothing_that_only_a_server_needs() -> None:
    heavy = {"litestar", "polars", "numpy", "pyarrow", "psycopg", "clickhouse_connect"}
    program = f"import coursepulse.cli.main, sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_the_doctor_leaves_no_installation_in_a_mistyped_directory(tmp_path: Path) -> None:
    typo = tmp_path / "typo" / "deep"
    done = run("doctor", "--data", str(typo))
    assert f"no installation in {typo} yet" in done.stderr
    assert "ok    PostgreSQL" in done.stdout
    assert list(tmp_path.iterdir()) == []
    assert "No installation found" in run("privacy", "erase", "ada", "--data", str(typo)).stderr
