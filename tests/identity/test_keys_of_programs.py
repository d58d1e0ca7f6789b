"""API keys that are made and revoked while the server runs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from coursepulse.collect.keys import LOCAL_SCOPES, SCOPES, KeyFile, open_keys
from coursepulse.kit.errors import RequestError, SettingError
from coursepulse.kit.settings import Settings
from coursepulse.store.postgres.connect import Pool, open_pool
from coursepulse.store.postgres.keys import KeyFeed, KeyStore
from tests.identity.harness import IdentityHarness, identity_harness
from tests.support.browsing import post_form
from tests.support.postgres import Server


def make(server: IdentityHarness, name: str, *scopes: str) -> str:
    made = server.api("POST", "/v1/keys", {"name": name, "scopes": list(scopes)})
    assert made.status_code == 201, made.text
    secret: str = made.json()["secret"]
    return secret


def test_a_key_works_at_once_and_for_its_scopes_only(server: IdentityHarness) -> None:
    secret = make(server, "bi", "read")
    assert server.api("GET", "/v1/metrics", key=secret).status_code == 200
    assert server.api("POST", "/v1/events", [], key=secret).json()["code"] == "scope_missing"
    assert server.api("GET", "/v1/keys", key=secret).json()["code"] == "scope_missing"


def test_a_revoked_key_opens_nothing(server: IdentityHarness) -> None:
    secret = make(server, "bi", "read")
    assert server.api("DELETE", "/v1/keys/bi").json()["revoked_at"]
    assert server.api("GET", "/v1/metrics", key=secret).json()["code"] == "key_unknown"
    assert server.api("DELETE", "/v1/keys/bi").json()["code"] == "unknown_key"
    again = make(server, "bi", "read")
    assert again != secret
    assert server.api("GET", "/v1/metrics", key=again).status_code == 200


def test_a_key_revoked_elsewhere_opens_nothing_within_a_second(
    server: IdentityHarness, the_pool: Pool
) -> None:
    secret = make(server, "bi", "read")
    KeyStore(the_pool, server.services.clock).revoke("bi")  # as another server of the same database does
    begin = time.monotonic()
    while server.api("GET", "/v1/metrics", key=secret).status_code == 200:
        time.sleep(0.02)
    assert time.monotonic() - begin < 1.0


def test_the_secret_is_shown_once_and_kept_nowhere(server: IdentityHarness, the_pool: Pool) -> None:
    secret = make(server, "bi", "read")
    assert secret not in server.api("GET", "/v1/keys").text
    with the_pool.connection() as connection:
        assert secret not in repr(connection.execute("SELECT api_keys::text FROM api_keys").fetchall())
    assert secret not in repr(server.trail.entries)
    kept = (server.services.settings.data / "log" / "keys-issued.json").read_text()
    assert "bi" in kept
    assert secret not in kept


def test_last_use_is_noted(server: IdentityHarness) -> None:
    secret = make(server, "bi", "read")
    make(server, "unused", "read")
    server.api("GET", "/v1/metrics", key=secret)
    server.identity.keys.note_use(server.services.collector.keys.take_used())
    used = {key["name"]: key["last_used_at"] for key in server.api("GET", "/v1/keys").json()}
    assert used["bi"] is not None
    assert used["unused"] is None
    assert server.services.collector.keys.take_used() == set()


def test_changes_are_in_the_trail(server: IdentityHarness) -> None:
    make(server, "bi", "read", "roster")
    server.api("DELETE", "/v1/keys/bi")
    told = [(entry.actor, entry.tag, entry.subject, entry.detail) for entry in server.trail.entries]
    assert told == [
        ("key:local", "identity:key:add", "key:bi", "read+roster"),
        ("key:local", "identity:key:revoke", "key:bi", ""),
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"name": "bi", "scopes": []}, "invalid_scope"),
        ({"name": "bi", "scopes": ["admin"]}, "invalid_scope"),
        ({"name": "bi", "scopes": ["fly"]}, "invalid_scope"),
        ({"name": "a b", "scopes": ["read"]}, "invalid_key_name"),
        ({"name": "local", "scopes": ["read"]}, "key_taken"),
        ({"name": "pipeline", "scopes": ["ingest"]}, "key_taken"),
        ({"name": "there", "scopes": ["read"]}, "key_taken"),
    ],
)
def test_a_key_that_cannot_be(server: IdentityHarness, row: dict[str, Any], code: str) -> None:
    make(server, "there", "read")
    assert server.api("POST", "/v1/keys", row).json()["code"] == code


def test_the_collector_goes_on_with_the_keys_it_knows(postgres_server: Server, tmp_path: Path) -> None:
    ring = open_keys(Settings(data=tmp_path))
    path = tmp_path / "log" / "keys-issued.json"
    with postgres_server.database() as dsn, open_pool(dsn, size=2) as pool:
        made = KeyStore(pool, lambda: 0).add("bi", ["read"], "tester")
        KeyFeed(pool, KeyFile(path, ring).record).poll()
    assert made
    assert ring.require(made[0], "read").name == "bi"
    after_restart = open_keys(Settings(data=tmp_path))
    KeyFile(path, after_restart)
    assert after_restart.require(made[0], "read").name == "bi"
    with pytest.raises(RequestError, match="lacks the scope"):
        after_restart.require(made[0], "ingest")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys-issued.json").write_text('[["zz", "bi", ["read"]]]')
    with pytest.raises(SettingError, match="is damaged; delete it"):
        KeyFile(tmp_path / "keys-issued.json", open_keys(Settings(data=tmp_path)))


def test_only_the_key_of_the_machine_manages_accounts(tmp_path: Path) -> None:
    assert {"admin"} == LOCAL_SCOPES - SCOPES
    with pytest.raises(SettingError, match="must look like"):
        open_keys(Settings(data=tmp_path, api_keys="x:y:admin"))


def test_the_screen_shows_the_secret_once(server: IdentityHarness) -> None:
    server.add("ann", "admin")
    with server.signed_in("ann") as http:
        answer = post_form(http, "/admin/keys", do="add", name="lms", scopes=["ingest", "embed"])
        secret = answer.text.partition('id="secret">')[2].partition("<")[0]
        assert server.api("POST", "/v1/events", [], key=secret).status_code == 202
        assert secret not in http.get("/admin/keys").text
        assert "has been revoked" in post_form(http, "/admin/keys", do="revoke", name="lms").text
        assert server.api("POST", "/v1/events", [], key=secret).status_code == 403


def test_who_lists_accounts_and_keys_is_written_down(server: IdentityHarness) -> None:
    server.api("GET", "/v1/accounts").raise_for_status()
    server.api("GET", "/v1/keys").raise_for_status()
    assert server.trail.tags()[-2:] == ["identity:account:read", "identity:key:read"]


def test_a_key_may_ask_so_often_and_not_more_wherever_it_asks(the_pool: Pool, tmp_path: Path) -> None:
    with identity_harness(
        the_pool, tmp_path, base=lambda: 1_700_000_000_000_000, requests_per_minute=2
    ) as server:
        answers = [server.api("GET", path) for path in ("/v1/accounts", "/v1/keys", "/v1/accounts")]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[-1].json()["code"] == "rate_exceeded"
        assert answers[-1].headers["retry-after"] == "30"
