"""What is secret stays where it belongs: it stands in no output of a server and in no other file, whatever fails."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from coursepulse.cli import checks
from coursepulse.client.local_server import Server, launch, wait_for
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.settings import PREFIX, Settings
from coursepulse.store.secret import read_secret
from tests.support.browsing import sign_in, try_sign_in, visit

KEY = "k3y-of-the-platform-0f9e8d7c6b5a"
PEPPER = "s3cret-of-the-pseudonyms-1a2b3c4d5e6f"
OIDC = "s3cret-of-the-oidc-client-a9b8c7d6"
PASSWORD = "p4ssword of an administrator"
TYPED = "p4ssword typed into the wrong field"
STUDENT = "matriculation-number-77-00-11"

#: Where a secret of this server may stand: the file that is made to hold it, and is readable by nobody else.
HOMES = {"local key": "keys.json"}


class Aftermath(NamedTuple):
    """What a server with known secrets left behind."""

    data: Path
    output: bytes
    secrets: dict[str, str]


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    data = tmp_path_factory.mktemp("secrets")
    settings = Settings(
        data=data,
        api_keys=f"platform:{KEY}:ingest+roster+read",
        pseudonym_secret=PEPPER,
        # Nothing listens there: each sign-in with the provider fails.
        oidc_issuer="http://127.0.0.1:9/realm",
        oidc_client_id="coursepulse",
        oidc_client_secret=OIDC,
        oidc_roles="learner=student",
        embed_origins="http://localhost:1",
    )
    process = launch(settings, "--port", "0")
    try:
        secrets = misuse(wait_for(process, settings), data)
    finally:
        process.terminate()
        process.wait()
    secrets |= {"platform key": KEY, "pepper": PEPPER, "oidc": OIDC, "password": PASSWORD, "typed": TYPED}
    return Aftermath(data, (data / "server.log").read_bytes(), secrets)


def misuse(server: Server, data: Path) -> dict[str, str]:
    """Use every secret, rightly and wrongly, and break what the requests need; returns the secrets made there."""
    local = {"Authorization": f"Bearer {server.key}"}
    with httpx.Client(base_url=server.url, headers=local) as http:
        made = {"login_name": "boss", "role": "admin", "password": PASSWORD}
        http.post("/v1/accounts", json=made).raise_for_status()
        shown = http.post("/v1/keys", json={"name": "shown", "scopes": ["read"]}).raise_for_status().json()
        token = http.post("/v1/embed-tokens", json={"student_id": STUDENT}).raise_for_status().json()["token"]
        http.get("/embed", params={"token": token})
        http.get("/embed", params={"token": token[:-2]})
        http.get("/v1/metrics", headers={"Authorization": f"Bearer {KEY}x"})
        http.post("/v1/accounts", content=f'{{"login_name": "x", "password": "{TYPED}"')
        http.post("/v1/accounts", json={"login_name": "y", "role": "king", "password": TYPED})
    with closing(sign_in(server.url, "boss", PASSWORD)) as boss:
        cookies = {f"cookie {name}": value for name, value in boss.cookies.items()}
    fail(server, data)
    with visit(server.url) as http:
        try_sign_in(http, "boss", TYPED)
        try_sign_in(http, TYPED, TYPED)
        http.get("/sign-in/provider")
    return {"local key": server.key, "shown key": shown["secret"], "embed token": token} | cookies


def fail(server: Server, data: Path) -> None:
    """Make the server fail while it handles secrets: its stores are taken away under its hands."""
    dead_letters = data / "log" / "dead-letters.sqlite"
    with closing(sqlite3.connect(dead_letters)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            with suppress(sqlite3.Error):
                connection.execute(f'DROP TABLE "{name}"')
        connection.commit()
    key = {"Authorization": f"Bearer {KEY}"}
    bad = {"event_id": "1", "student_id": STUDENT, "password": TYPED}
    answers = [
        httpx.post(f"{server.url}/v1/events", json=bad, headers=key),
        httpx.get(f"{server.url}/v1/dead-letters", headers=key),
    ]
    # If nothing fails, this tests nothing.
    assert any(answer.status_code >= 500 for answer in answers), [answer.text for answer in answers]
    for answer in answers:
        assert KEY not in answer.text
        assert TYPED not in answer.text


def files(data: Path) -> Iterator[Path]:
    yield from (path for path in data.rglob("*") if path.is_file() and not path.is_symlink())


def test_something_was_written_about_the_failures(aftermath: Aftermath) -> None:
    assert b"Traceback" in aftermath.output or b"error" in aftermath.output


def test_no_secret_stands_in_the_output(aftermath: Aftermath) -> None:
    for name, secret in aftermath.secrets.items():
        assert secret.encode() not in aftermath.output, name
    assert STUDENT.encode() not in aftermath.output


def test_no_secret_stands_in_a_file_that_is_not_made_for_it(aftermath: Aftermath) -> None:
    seen = 0
    for path in files(aftermath.data):
        seen += 1
        content = path.read_bytes()
        for name, secret in aftermath.secrets.items():
            if HOMES.get(name) != path.name:
                assert secret.encode() not in content, f"{name} in {path.relative_to(aftermath.data)}"
    assert seen > 100


def test_files_that_hold_secrets_are_for_their_owner_only(aftermath: Aftermath) -> None:
    assert (aftermath.data / "keys.json").stat().st_mode & 0o077 == 0


WORD = TYPED.replace(" ", "")


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (checks.check_keys, {"api_keys": f"platform={KEY}:ingest"}),
        (checks.check_keys, {"api_keys": f"platform:{KEY}:everything"}),
        (checks.check_postgres, {"postgres": f"postgresql://somebody:{WORD}@127.0.0.1:9/none"}),
        (checks.check_postgres, {"postgres": f"postgres//somebody:{WORD}@127.0.0.1/none"}),
        (checks.check_clickhouse, {"clickhouse": f"http://somebody:{WORD}@127.0.0.1:9/none"}),
        (checks.check_clickhouse, {"clickhouse": f"nonsense://somebody:{WORD}@127.0.0.1:9/none"}),
        (read_secret, {"pseudonym_secret": PEPPER[:6]}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_is_explained_without_its_secret(
    check: Callable[[Settings], object], wrong: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(CoursepulseError) as caught:
        check(Settings(data=tmp_path, **wrong))  # type: ignore[arg-type]
    for secret in (KEY, PEPPER[:6], WORD):
        assert secret not in str(caught.value)


def test_a_command_that_fails_prints_no_secret(tmp_path: Path) -> None:
    wrong = {"API_KEYS": f"platform={KEY}:ingest", "PSEUDONYM_SECRET": PEPPER, "OIDC_CLIENT_SECRET": OIDC}
    environ = os.environ | {
        f"{PREFIX}{name}": value for name, value in (wrong | {"PORT": "nonsense"}).items()
    }
    line = [sys.executable, "-m", "coursepulse", "serve", "--data", str(tmp_path)]
    done = subprocess.run(line, env=environ, capture_output=True, check=False, timeout=120)
    assert done.returncode == 1
    for secret in (KEY, PEPPER, OIDC):
        assert secret.encode() not in done.stdout + done.stderr
