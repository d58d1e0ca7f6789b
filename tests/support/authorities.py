"""Which authorities the clients of the tests believe: one, because tests speak to this machine alone.

Each client of httpx reads the certificates of all public authorities when it is made (24 ms), and a test makes one or
two of them. Processes that the tests start inherit the setting. A test that does speak to the outside takes it back
(:func:`outside`), and one that speaks TLS brings an authority of its own.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from pathlib import Path

import certifi

_NAME = "SSL_CERT_FILE"
#: What it was before; every process of the tests can tell it.
_BEFORE = "TESTS_SSL_CERT_FILE"
_END = "-----END CERTIFICATE-----\n"


def believe_one() -> None:
    """Have every client of this process, and of those that it starts, read one certificate."""
    if _BEFORE in os.environ:  # inherited from the process that started this one
        return
    handle, name = tempfile.mkstemp(prefix="coursepulse-tests-", suffix=".pem")
    os.close(handle)
    first = Path(certifi.where()).read_text(encoding="utf-8").split(_END)[0] + _END
    Path(name).write_text(first, encoding="utf-8")
    atexit.register(Path(name).unlink, missing_ok=True)
    os.environ[_BEFORE] = os.environ.get(_NAME, "")
    os.environ[_NAME] = name


def outside() -> dict[str, str]:
    """The environment of a process that speaks to servers elsewhere, such as a registry of packages."""
    rest = {name: value for name, value in os.environ.items() if name not in (_NAME, _BEFORE)}
    before = os.environ.get(_BEFORE, "")
    return rest | ({_NAME: before} if before else {})
