"""The socket that the server listens on."""

import socket

import pytest

from coursepulse.kit.errors import SettingError
from coursepulse.wiring.server import bind


def test_a_taken_port_is_told_with_the_way_to_another_one() -> None:
    with bind("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(SettingError, match=f"Port {port} is taken; choose another with --port"):
            bind("127.0.0.1", port)


def test_an_answer_in_two_packets_does_not_wait_for_the_client_to_acknowledge_the_first() -> None:
    with bind("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
