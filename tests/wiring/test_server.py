"""The socket that the server listens on."""

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coursepulse.cli.checks import check_address
from coursepulse.cli.main import app
from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings
from coursepulse.web.http.server import bind


def test_a_taken_port_is_told_with_the_way_to_another_one() -> None:
    with bind("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(SettingError, match=f"Port {port} is taken; choose another with --port"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_there_is_not_is_told_like_one_of_the_environment(tmp_path: Path, command: str) -> None:
    with pytest.raises(SettingError, match="of at most 65535"):
        CliRunner().invoke(
            app, [command, "--port", "99999", "--data", str(tmp_path / "x")], catch_exceptions=False
        )
    assert not (tmp_path / "x").exists()


def test_the_doctor_tries_the_address(tmp_path: Path) -> None:
    assert check_address(Settings(data=tmp_path, port=0)) == "127.0.0.1:0"
    with pytest.raises(SettingError, match="Cannot listen on nosuch"):
        check_address(Settings(data=tmp_path, port=0, host="nosuch.invalid"))


def test_an_answer_in_two_packets_does_not_wait_for_the_client_to_acknowledge_the_first() -> None:
    with bind("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
