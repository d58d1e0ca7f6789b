from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest

from coursepulse.collect.keys import LOCAL_SCOPES, open_keys, parse_keys
from coursepulse.kit.errors import RequestError, SettingError
from coursepulse.kit.settings import Settings


def test_keys_of_the_settings(tmp_path: Path) -> None:
    keys = open_keys(Settings(data=tmp_path, api_keys="lms:a:b:ingest+roster, bi:c:read,"))
    assert keys.require("a:b", "roster").name == "lms"
    assert keys.require("c", "read").scopes == {"read"}
    with pytest.raises(RequestError, match="lacks the scope `ingest`"):
        keys.require("c", "ingest")


def test_the_local_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    open_keys(Settings(data=data))
    path = data / "keys.json"
    made = msgspec.json.decode(path.read_bytes())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(made["local"]) >= 32
    keys = open_keys(Settings(data=data))
    assert msgspec.json.decode(path.read_bytes()) == made
    assert keys.require(made["local"], "backfill").scopes == LOCAL_SCOPES


@pytest.mark.parametrize(
    "entry",
    ["x", "pipeline:y:ingest", "x:y", "x::ingest", ":y:ingest", "x:y:ingest+fly", "x:y:", "a:b:read,x"],
)
def test_a_malformed_key_is_named(entry: str) -> None:
    with pytest.raises(SettingError, match="COURSEPULSE_API_KEYS"):
        parse_keys(entry)


@pytest.mark.parametrize("content", ["", "[]", '{"local": 5}'])
def test_a_damaged_key_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(SettingError, match=r"keys\.json cannot be used"):
        open_keys(Settings(data=tmp_path))
