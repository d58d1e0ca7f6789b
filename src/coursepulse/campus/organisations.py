"""Organisations that people learn for, and teams within them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from coursepulse.campus.verdicts import Trouble
from coursepulse.events.event import Id

Name = Annotated[str, Meta(max_length=200)]


class Organisation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A company, a university, a faculty."""

    organisation_id: Id
    name: Name = ""


class Team(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People of one organisation under the same managers.

    :param managers: the platform's ids of those who may see the team
    :param members: the platform's ids of the people in it
    """

    team_id: Id
    organisation_id: Id
    name: Name = ""
    managers: tuple[Id, ...] = ()
    members: tuple[Id, ...] = ()


def check_nothing(row: msgspec.Struct) -> Iterator[Trouble]:  # noqa: ARG001 - the types check everything
    """For rows that need no check beyond their types."""
    return iter(())
