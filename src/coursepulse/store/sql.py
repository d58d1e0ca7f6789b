"""SQL as text files: one query per file, and the first line says what it is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files

_COMMENT = "-- "


class Queries(Mapping[str, str]):
    """The ``*.sql`` files of one package folder, by name without the suffix, in the order of their names.

    :param package: dotted name of the folder, such as ``coursepulse.store.postgres.queries``
    :raises ValueError: naming a file that does not begin with a line of description
    """

    def __init__(self, package: str) -> None:
        folder = (entry for entry in files(package).iterdir() if entry.name.endswith(".sql"))
        self._texts = {
            entry.name.removesuffix(".sql"): entry.read_text("utf-8")
            for entry in sorted(folder, key=lambda entry: entry.name)
        }
        for name, text in self._texts.items():
            if not text.startswith(_COMMENT):
                raise ValueError(f"{package}/{name}.sql: the first line must be `-- what it is for`.")

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def description(self, name: str) -> str:
        """What a query is for, from its first line."""
        return self._texts[name].partition("\n")[0].removeprefix(_COMMENT).strip()
