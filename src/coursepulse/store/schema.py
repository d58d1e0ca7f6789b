"""The schema of a database: ``schema.sql`` for an empty one, and numbered changes after it."""

from __future__ import annotations

import re
from collections.abc import Set
from importlib.resources import files

from coursepulse.kit.errors import SettingError

#: The name that a database records once it has ``schema.sql``, unless changes have been folded into it.
BASE = "schema"

_MIGRATION = re.compile(r"\d{4}_\w+\.sql")

#: In the name of a migration beside which versions that do not know it cannot work.
_BREAKS = "_breaks_"


class Schema:
    """What a database must have, from the package folder that holds its ``schema.sql`` and ``migrations/``.

    :param package: dotted name of the folder, such as ``coursepulse.store.postgres``
    :param database: the database's name, for sentences
    :param base: another name each time that changes are folded into ``schema.sql``
    """

    def __init__(self, package: str, database: str, base: str = BASE) -> None:
        folder = files(package)
        migrations = folder / "migrations"
        found = sorted(entry.name for entry in migrations.iterdir() if _MIGRATION.fullmatch(entry.name))
        self._database, self._base = database, base
        self._texts = {base: (folder / "schema.sql").read_text("utf-8")} | {
            name.removesuffix(".sql"): (migrations / name).read_text("utf-8") for name in found
        }
        self._folded = frozenset((migrations / "folded.txt").read_text("utf-8").split())
        self._known = self._folded | self._texts.keys()

    def texts(self) -> list[str]:
        """``schema.sql`` and every change since, in order."""
        return list(self._texts.values())

    def missing(self, recorded: Set[str]) -> dict[str, str]:
        """What to run on a database that has recorded these names: ordered, keyed by the name to record afterwards.

        A database with every migration that ``schema.sql`` replaces only records it, without running it.

        :raises SettingError: when the database has some of those migrations and not all, or one of a newer version
            beside which this one cannot work
        """
        if broken := sorted(name for name in recorded - self._known if _BREAKS in name):
            raise SettingError(
                f"{self._database} was migrated by a newer version, beside which this one cannot work"
                f" ({broken[0]}). Start the newer one."
            )
        missing = {name: text for name, text in self._texts.items() if name not in recorded}
        if recorded and self._base in missing:
            if not self._folded or not self._folded <= recorded:
                raise SettingError(
                    f"{self._database} holds an older schema that this version cannot update (schema_too_old). "
                    "Start with empty databases, or migrate it with the version just before this one."
                )
            missing[self._base] = ""
        return missing
