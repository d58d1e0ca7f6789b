"""What a registry can do. One contract suite runs over all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

import msgspec

from coursepulse.kit.errors import CoursepulseError

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_FILE = re.compile(r"[a-z][a-z0-9_]{0,63}\.[a-z]{1,8}")

#: Promotions that are remembered.
REMEMBERED = 50


class NoSuchModel(CoursepulseError):
    """The registry has no such model, version or earlier champion."""


class DamagedModel(CoursepulseError):
    """The files of a version are not those that were published."""


class RegistryUnavailable(CoursepulseError):
    """The registry does not answer, or answers what cannot be understood."""


class ModelVersion(msgspec.Struct, frozen=True):
    """A published version.

    :param number: 1 for the first
    :param at: when it was published, ISO 8601
    """

    number: int
    at: str


class Promotion(msgspec.Struct, frozen=True):
    """Which version was made champion, and when."""

    number: int
    at: str


class ModelRegistry(Protocol):
    """Versions of models by name, and their champions."""

    def publish(self, name: str, files: Mapping[str, bytes], at: str) -> int:
        """Keep a new version, whole or not at all, and return its number. It is not shown yet."""
        ...

    def read(self, name: str, number: int) -> dict[str, bytes]:
        """The files of a version.

        :raises NoSuchModel: if it was never published
        :raises DamagedModel: if they have changed since
        """
        ...

    def versions(self, name: str) -> list[ModelVersion]:
        """Every version, the newest first."""
        ...

    def promote(self, name: str, number: int, at: str) -> None:
        """Make a version the champion.

        :raises NoSuchModel: if it was never published
        """
        ...

    def champion(self, name: str) -> int | None:
        """The version that is shown; None while there is none."""
        ...

    def roll_back(self, name: str) -> int:
        """Take the last promotion back, and return the champion before it.

        :raises NoSuchModel: if there was none
        """
        ...

    def history(self, name: str) -> list[Promotion]:
        """Promotions that hold, the newest first."""
        ...


def check_name(name: str) -> str:
    """A name that is safe in paths and addresses.

    :raises NoSuchModel: for any other
    """
    if not _NAME.fullmatch(name):
        raise NoSuchModel(f"A model cannot be called {name!r}.")
    return name


def check_files(files: Mapping[str, bytes]) -> None:
    """File names that are safe in paths.

    :raises NoSuchModel: for any other
    """
    for name in files:
        if not _FILE.fullmatch(name):
            raise NoSuchModel(f"A file of a model cannot be called {name!r}.")
