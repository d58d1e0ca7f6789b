"""One message to a webhook: resolved once, connected to what was resolved, and never sent anywhere else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from functools import cache
from ipaddress import ip_address
from ssl import SSLContext
from typing import NamedTuple

import httpx

from coursepulse.alerts.delivery.addresses import AddressRefused, Network, check_addresses, is_listed
from coursepulse.kit.errors import CoursepulseError, RequestError

#: Seconds in which a receiver must have answered, however it spends them.
DEADLINE = 10.0

#: The longest address.
LONGEST_URL = 2000

_LAST_PORT = 65_535

_TIMEOUT = httpx.Timeout(DEADLINE, connect=5.0)

#: A connection is not used twice: it would be found by its address, and another name may share that.
_LIMITS = httpx.Limits(max_keepalive_connections=0)


class NotTaken(CoursepulseError):
    """The receiver did not take the message.

    :param status: its HTTP status; 0 when it did not answer
    """

    def __init__(self, sentence: str, status: int = 0) -> None:
        super().__init__(sentence)
        self.status = status


class Sending(NamedTuple):
    """What is sent, and where to."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def check_url(text: str, allowed: Sequence[Network]) -> str:
    """The address of a webhook as it is kept. Where it leads is judged anew at every sending.

    :raises RequestError: ``invalid_webhook``
    """
    try:
        url = httpx.URL(text)
        host = url.host
    # A name in Punycode that stands for nothing is a ValueError.
    except (httpx.InvalidURL, ValueError):
        raise _invalid() from None
    plain = url.scheme == "http" and bool(allowed)
    fits = len(text) <= LONGEST_URL and (url.port is None or 0 < url.port <= _LAST_PORT)
    if not host or not fits or url.userinfo or not (url.scheme == "https" or plain):
        raise _invalid()
    return str(url.copy_with(fragment=None))


class WebhookClient:
    """Sends messages, several at a time.

    :param allowed: private networks that may be reached
    :param deadline: seconds for the whole of one message
    """

    def __init__(self, allowed: Sequence[Network], deadline: float = DEADLINE) -> None:
        self._allowed, self._deadline = allowed, deadline

    async def send(self, sending: Sending) -> None:
        """Returns when the receiver has taken the message.

        :raises AddressRefused: the name leads to a network that may not be reached; nothing was sent
        :raises NotTaken: for every other reason
        """
        _context()  # the first time, this takes a while: not at the receiver's expense
        try:
            async with asyncio.timeout(self._deadline):
                status = await self._post(sending)
        except TimeoutError:
            raise NotTaken(f"No answer within {self._deadline:g} seconds.") from None
        except (AddressRefused, NotTaken):
            raise
        # Whatever an address does to the client: it must cost no other receiver anything.
        except Exception as error:  # noqa: BLE001
            raise NotTaken(f"The receiver cannot be reached: {type(error).__name__}.") from None
        if 300 <= status < 400:
            raise NotTaken(f"The receiver answered {status}. Redirects are not followed.", status)
        if not 200 <= status < 300:
            raise NotTaken(f"The receiver answered {status}.", status)

    async def _post(self, sending: Sending) -> int:
        url = httpx.URL(sending.url)
        host = url.raw_host.decode("ascii")
        found = await _resolve(host.strip("[]"), url.port or (443 if url.scheme == "https" else 80))
        check_addresses(found, self._allowed)
        if url.scheme != "https":
            _check_plain(found, self._allowed)
        pinned = url.copy_with(host=found[0])
        headers = {**sending.headers, "Host": url.netloc.decode("ascii")}
        # The certificate is checked against the name, whatever the connection was opened to.
        named = {} if host.strip("[]") == found[0] else {"sni_hostname": host}
        async with (
            httpx.AsyncClient(verify=_context(), timeout=_TIMEOUT, limits=_LIMITS, trust_env=False) as client,
            client.stream(
                "POST", pinned, content=sending.body, headers=headers, extensions=named
            ) as response,
        ):
            # The body of the answer is not read: it says nothing to us, and may have no end.
            return response.status_code


async def _resolve(host: str, port: int) -> list[str]:
    try:
        rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotTaken("The name of the receiver cannot be resolved.") from None
    return [str(row[4][0]) for row in rows]


def _check_plain(found: Sequence[str], allowed: Sequence[Network]) -> None:
    """Without TLS only within the networks of the settings.

    :raises AddressRefused:
    """
    if not all(is_listed(ip_address(each.partition("%")[0]), allowed) for each in found):
        raise AddressRefused("Outside of the networks in COURSEPULSE_WEBHOOK_NETWORKS a webhook needs https.")


@cache
def _context() -> SSLContext:
    """Trusts what ``SSL_CERT_FILE`` says, otherwise the usual authorities."""
    return httpx.create_ssl_context()


def _invalid() -> RequestError:
    return RequestError(
        "invalid_webhook",
        "The address of a webhook begins with https:// and has no user name. "
        "Only within COURSEPULSE_WEBHOOK_NETWORKS may it begin with http://.",
        path="$.url",
    )
