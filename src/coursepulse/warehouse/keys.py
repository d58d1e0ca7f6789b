"""The ids of the warehouse: keyed hashes of the product's own."""

from __future__ import annotations

import hmac
from hashlib import blake2b

import polars as pl

from coursepulse.warehouse.tables import HIDDEN, Kind

#: Bytes of an id; twice as many hexadecimal digits.
_SIZE = 16


class WarehouseKeys:
    """Hides ids on their way out. The same id is always hidden in the same way.

    The product's pseudonyms stand in its addresses, its exports and its audit trail. Files of the warehouse are copied
    to where other people work. With ids of their own nobody can find the student of a screen in a file, or the student
    of a file on a screen, without the secret of the installation.

    :param secret: that of the pseudonyms; each kind of id has a key of its own, derived from it
    """

    def __init__(self, secret: bytes) -> None:
        self._keys = {kind: hmac.digest(secret, f"warehouse {kind}".encode(), "sha256") for kind in HIDDEN}

    @property
    def check(self) -> str:
        """Says whether two exports have hidden ids in the same way, and nothing else."""
        return self.of(b"check", Kind.LEARNER)[:12]

    def of(self, value: bytes, kind: Kind) -> str:
        """One id, hidden."""
        return blake2b(value, key=self._keys[kind], digest_size=_SIZE).hexdigest()

    def hide(self, values: pl.Series, kind: Kind) -> pl.Series:
        """A column of ids, hidden; what is null stays null."""
        plain = values.unique().drop_nulls()
        hidden = pl.Series([self.of(value, kind) for value in plain], dtype=pl.String)
        return values.replace_strict(plain, hidden, default=None, return_dtype=pl.String)
