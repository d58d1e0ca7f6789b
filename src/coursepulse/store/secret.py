"""The secret behind the pseudonyms: with it, the pseudonym of an external id can be computed."""

from __future__ import annotations

import os
import secrets

from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings

#: A shorter secret, in bytes, could be guessed.
SHORTEST = 16


def read_secret(settings: Settings) -> bytes:
    """The secret from the settings, or from ``pseudonym.key`` in the data directory, created at the first start.

    Losing it permanently breaks the link between a platform's ids and everything stored.

    :raises SettingError: when it is too short, or the file cannot be read or created
    """
    given = settings.pseudonym_secret.encode()
    if given:
        if len(given) < SHORTEST:
            raise SettingError(f"COURSEPULSE_PSEUDONYM_SECRET must have {SHORTEST} characters or more.")
        return given
    path = settings.data / "pseudonym.key"
    try:
        if not path.exists():
            _make(path.with_suffix(".new"))
            path.with_suffix(".new").replace(path)
        return path.read_bytes()
    except OSError as error:
        raise SettingError(f"{path} cannot be used: {error.strerror}.") from None


def _make(draft: os.PathLike[str]) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
