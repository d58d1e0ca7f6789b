"""What other users of the machine can read of a data directory: nothing."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from coursepulse.cli.checks import check_privacy
from coursepulse.kit.errors import SettingError
from coursepulse.kit.folders import find_open, keep_private
from coursepulse.kit.settings import Settings
from tests.support.server import Platform


def test_a_running_server_keeps_every_file_to_itself(running_server: Platform) -> None:
    http = running_server.http
    http.put("/v1/roster/people", json=[{"external_id": "private", "name": "P"}]).raise_for_status()
    http.post("/v1/privacy/exports", json={"student": "private"}).raise_for_status()
    walked = [Path(place, name) for place, _, files in os.walk(running_server.data) for name in files]
    names = {path.name for path in walked}
    assert {"keys.json", "pseudonym.key", "server.log", "dead-letters.sqlite", "PG_VERSION"} <= names
    assert any("clickhouse" in str(path) for path in walked)
    assert list(find_open(running_server.data)) == []
    assert stat.S_IMODE(running_server.data.stat().st_mode) == 0o700
    assert check_privacy(Settings(data=running_server.data)).startswith("no other user")


@pytest.fixture
def careless(tmp_path: Path) -> Path:
    """As earlier versions left it."""
    folder = tmp_path / "data"
    (folder / "log").mkdir(parents=True)
    for path, mode in ((folder / "log" / "x.sqlite", 0o644), (folder / "keys.json", 0o600)):
        path.write_bytes(b"")
        path.chmod(mode)
    (folder / "log").chmod(0o755)
    folder.chmod(0o755)
    return folder


def test_the_doctor_names_what_others_can_read(careless: Path) -> None:
    with pytest.raises(SettingError, match=f"chmod -R go= {careless}"):
        check_privacy(Settings(data=careless))
    assert set(find_open(careless)) == {careless, careless / "log", careless / "log" / "x.sqlite"}


def test_a_start_closes_what_was_open(careless: Path) -> None:
    keep_private(careless)
    assert list(find_open(careless)) == []
    assert check_privacy(Settings(data=careless)).startswith("no other user")


def test_root_may_let_postgresql_enter(careless: Path) -> None:
    keep_private(careless)
    careless.chmod(0o711)
    keep_private(careless)
    others = stat.S_IMODE(careless.stat().st_mode) & 0o077
    assert others == (0o011 if os.geteuid() == 0 else 0)
    if others:
        assert "can enter" in check_privacy(Settings(data=careless))
