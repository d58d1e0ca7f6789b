"""SQL as text files: the queries of one subject in one file, each under a ``-- name:`` heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import takewhile

_COMMENT = "-- "

#: Begins a query; the comment below it says what the query is for.
_HEADING = re.compile(r"^-- name: *(.*)\n", re.MULTILINE)


class Queries(Mapping[str, str]):
    """The named queries of the ``*.sql`` files in one package folder, in the order of files and of headings.

    A file begins with a line about its subject. Names are unique within the folder.

    :param package: dotted name of the folder, such as ``coursepulse.store.postgres.queries``
    :raises ValueError: naming a file with SQL before its first heading, or a query that has no name of its own or
        no description
    """

    def __init__(self, package: str) -> None:
        self._package = package
        self._texts: dict[str, str] = {}
        found = {entry.name: entry for entry in files(package).iterdir() if entry.name.endswith(".sql")}
        for file in sorted(found):
            self._read(f"{package}/{file}", found[file].read_text("utf-8"))

    def _read(self, file: str, text: str) -> None:
        subject, *parts = _HEADING.split(text)
        if any(not line.startswith(_COMMENT) for line in subject.splitlines() if line):
            raise ValueError(f"{file}: a query must begin with `-- name: what_it_is_called`.")
        for name, query in zip(parts[::2], parts[1::2], strict=True):
            if not re.fullmatch(r"[a-z]\w*", name) or name in self._texts:
                raise ValueError(f"{file}: {name!r} must be the name of one query in the folder.")
            if not query.startswith(_COMMENT):
                raise ValueError(f"{file}: the first line of {name} must be `-- what it is for`.")
            self._texts[name] = query.strip()

    def __getitem__(self, name: str) -> str:
        try:
            return self._texts[name]
        except KeyError:
            raise KeyError(f"{self._package} has no query named {name!r}.") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def description(self, name: str) -> str:
        """What a query is for, from its first comment."""
        comment = takewhile(lambda line: line.startswith(_COMMENT), self[name].splitlines())
        return " ".join(line.removeprefix(_COMMENT) for line in comment)
