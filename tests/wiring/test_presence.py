"""One server per data directory, and the way to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coursepulse.collect.keys import open_keys
from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings
from coursepulse.store.presence import Address, Presence, find, is_installed


def test_a_second_server_is_told_where_the_first_one_is(tmp_path: Path) -> None:
    first = Presence(tmp_path)
    first.claim()
    first.announce("http://127.0.0.1:8123")
    with pytest.raises(
        SettingError, match=f"already running .* at http://127.0.0.1:8123 .process {os.getpid()}"
    ):
        Presence(tmp_path).claim()
    first.leave()


def test_a_running_server_is_found(tmp_path: Path) -> None:
    server = Presence(tmp_path)
    server.claim()
    server.announce("http://127.0.0.1:8123")
    assert find(tmp_path) == Address("http://127.0.0.1:8123", os.getpid())
    server.leave()
    assert find(tmp_path) is None


def test_the_address_of_a_killed_server_is_not_believed(tmp_path: Path) -> None:
    killed = Presence(tmp_path)
    killed.claim()
    killed.announce("http://127.0.0.1:8123")
    left = (tmp_path / "server.json").read_bytes()
    killed.leave()
    (tmp_path / "server.json").write_bytes(left)
    assert find(tmp_path) is None


def test_nothing_is_found_in_an_empty_directory(tmp_path: Path) -> None:
    assert find(tmp_path) is None


def test_a_directory_that_was_served_once_is_an_installation(tmp_path: Path) -> None:
    assert not is_installed(tmp_path)
    server = Presence(tmp_path)
    server.claim()
    server.leave()
    assert is_installed(tmp_path)


def test_a_directory_restored_without_its_lock_is_an_installation(tmp_path: Path) -> None:
    open_keys(Settings(data=tmp_path))
    assert is_installed(tmp_path)
