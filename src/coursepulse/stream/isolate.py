"""Working on many items when some of them fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import structlog

from coursepulse.kit.errors import StoreUnavailable

T = TypeVar("T")

_log = structlog.get_logger(__name__)


def spare_others(what: str, some: Sequence[T], work: Callable[[list[T]], object]) -> list[T]:
    """Work on all of them. If that fails, work on halves, down to the items that fail alone, which are returned.

    They are left until something new happens to them: trying at once again would hold up everybody else.

    :raises StoreUnavailable: when a database does not answer, or every one of several items fails
    """
    left = list(_search(what, some, work))
    if len(left) == len(some) > 1:
        raise StoreUnavailable(f"None of {len(some)} can be processed ({what}); trying again.")
    return left


def _search(what: str, some: Sequence[T], work: Callable[[list[T]], object]) -> Iterator[T]:
    try:
        work(list(some))
    except (StoreUnavailable, MemoryError, KeyboardInterrupt, SystemExit):
        raise
    # Not only Exception: a library written in Rust panics with something that is none.
    except BaseException:  # noqa: BLE001
        if len(some) == 1:
            _log.exception("left_out", what=what)
            yield some[0]
            return
        middle = len(some) // 2
        yield from _search(what, some[:middle], work)
        yield from _search(what, some[middle:], work)
