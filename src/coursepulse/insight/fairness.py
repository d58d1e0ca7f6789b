"""Groups of learners, as the roster knows them: for the report on fairness and the gate, and for no feature."""

from __future__ import annotations

from enum import StrEnum

import polars as pl
from psycopg.rows import tuple_row

from coursepulse.insight.models_kept import QUERIES
from coursepulse.kit.errors import SettingError
from coursepulse.store.postgres.connect import Pool, translate_errors


class GroupAttribute(StrEnum):
    """What the roster says of people that may divide them into groups."""

    ORGANISATION = "organisation"
    TEAM = "team"
    TIME_ZONE = "time_zone"


def read_attributes(setting: str) -> tuple[GroupAttribute, ...]:
    """The attributes that ``fairness_groups`` names.

    :raises SettingError: for one that the roster does not have
    """
    names = [name.strip() for name in setting.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(GroupAttribute)]
    if unknown:
        raise SettingError(
            f"fairness_groups names `{unknown[0]}`; it takes {', '.join(GroupAttribute)}, with commas between them."
        )
    return tuple(GroupAttribute(name) for name in dict.fromkeys(names))


class RosterGroups:
    """Reads groups only when a model is judged, and never beside its features.

    :param pool: connections of the service
    :param attributes: none: models are not judged by group
    """

    def __init__(self, pool: Pool, attributes: tuple[GroupAttribute, ...]) -> None:
        self._pool, self._attributes = pool, attributes

    def of(self, rows: pl.DataFrame) -> pl.DataFrame | None:
        """``student``, ``course`` and the attributes of everybody in some rows; None without attributes.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        if not self._attributes:
            return None
        names = [each.value for each in self._attributes]
        known = pl.DataFrame(self._read(), schema=_SCHEMA, orient="row").select("student", *names)
        return rows.select("student", "course").unique().join(known, on="student", how="inner")

    def _read(self) -> list[tuple[object, ...]]:
        with translate_errors("Groups"), self._pool.connection() as connection:
            found = connection.cursor(row_factory=tuple_row).execute(QUERIES["roster_groups"]).fetchall()
        return [(student.bytes, *said) for student, *said in found]


_SCHEMA = {"student": pl.Binary, **{each.value: pl.String for each in GroupAttribute}}
