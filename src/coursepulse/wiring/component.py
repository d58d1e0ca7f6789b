"""A part of the system as a declaration: how it is opened, what starts it and what closes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components

T = TypeVar("T")

Opened = Literal["", "always", "storing"]


class Component(Generic[T]):
    """Opened when it is first asked for; asked again, the owner answers with the same one.

    :param opened: at the start of every process, or of those that store; otherwise only when something needs it
    :param start: the name of its method that starts it
    :param close: the name of its method that closes it
    """

    def __init__(
        self, build: Callable[[Components], T], opened: Opened = "", *, start: str = "", close: str = ""
    ) -> None:
        self.opened: Opened = opened
        self._build, self._start, self._close = build, start, close

    def __set_name__(self, owner: type[Components], name: str) -> None:
        self._name = name

    def __get__(self, parts: Components, _: type[Components]) -> T:
        made = self._build(parts)
        # Before it starts: what has started halfway is to be closed as well.
        if self._close:
            parts.closing.callback(getattr(made, self._close))
        if self._start:
            getattr(made, self._start)()
        # Found there first from now on, because this class has no __set__.
        vars(parts)[self._name] = made
        return made
