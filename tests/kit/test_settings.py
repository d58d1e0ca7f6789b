"""Settings come from a file and the environment, and a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings, load, to_environ


def test_the_environment_wins_over_the_file() -> None:
    settings = load({"COURSEPULSE_PORT": "8080", "HOME": "/root"}, 'port = 9000\nhost = "::1"\n')
    assert (settings.port, settings.host) == (8080, "::1")


def test_the_key_that_commands_send_is_no_setting() -> None:
    assert load({"COURSEPULSE_KEY": "secret"}) == Settings()


def test_options_of_the_command_line_win_and_are_checked_alike() -> None:
    settings = load({"COURSEPULSE_PORT": "8080"}, "", {"port": 9000, "data": Path("here")})
    assert (settings.port, settings.data) == (9000, Path("here"))
    with pytest.raises(SettingError, match="65535"):
        load({}, "", {"port": 99999})


@pytest.mark.parametrize(
    ("environ", "config", "named"),
    [
        ({"COURSEPULSE_PORT": "many"}, "", "port"),
        ({"COURSEPULSE_PORT": "70000"}, "", "port"),
        ({"COURSEPULSE_PROT": "80"}, "", "prot"),
        ({}, "small_group = 0", "small_group"),
        ({}, "port = ", "not TOML"),
    ],
)
def test_a_wrong_setting_is_named(environ: dict[str, str], config: str, named: str) -> None:
    with pytest.raises(SettingError, match=named):
        load(environ, config)


def test_another_process_gets_the_same_settings() -> None:
    settings = Settings(data=Path("somewhere"), port=0, demo=True, api_keys="a:b:read")
    assert load(to_environ(settings)) == settings
