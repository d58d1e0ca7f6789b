"""Schemas made for a test."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from coursepulse.store.schema import Schema


def schema_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch, base: str = "", folded: str = "", **migrations: str
) -> Schema:
    """A schema with this text of ``schema.sql`` and these migrations, by name."""
    package = folder / f"schema_{secrets.token_hex(4)}"
    (package / "migrations").mkdir(parents=True)
    (package / "schema.sql").write_text(base)
    (package / "migrations" / "README.md").write_text("# Not a migration")
    (package / "migrations" / "folded.txt").write_text(folded)
    for name, text in migrations.items():
        (package / "migrations" / f"{name}.sql").write_text(text)
    monkeypatch.syspath_prepend(folder)
    return Schema(package.name, "The database")
