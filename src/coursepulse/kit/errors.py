"""The errors of the project, as one tree.

CoursepulseError
├── SettingError       a setting is missing, wrong, or names something out of reach
├── RequestError       a request cannot be served: carries a stable code and an HTTP status
├── LogFull            the event log cannot take another byte; nothing was acknowledged
├── StoreUnavailable   a database does not answer; try again later
├── StoreRejected      a database refuses what it was given; trying again will not help
└── LeaseLost          another worker has taken over; this one must not go on

Catch the root at the edge of the program to print one clear line; catch a leaf to do something about it.
"""

from __future__ import annotations


class CoursepulseError(Exception):
    """Something that coursepulse can explain in one sentence."""


class SettingError(CoursepulseError):
    """A setting is missing, wrong, or names something that cannot be reached."""


class RequestError(CoursepulseError):
    """A request that cannot be served as asked.

    :param code: stable, lower-case identifier that a program can act on
    :param sentence: what is wrong and what to do, for a person
    :param status: the HTTP status that says the same
    :param retry_after: seconds after which the same request may succeed; 0 when waiting does not help
    :param path: JSON path of the parameter or field at fault, if any
    :param told: whether the sentence is in the language of its reader; otherwise it is in English
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        status: int = 400,
        retry_after: int = 0,
        path: str = "",
        *,
        told: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.told = told
        self.path = path
        self.code = code
        self.status = status
        self.retry_after = retry_after


class LogFull(CoursepulseError):
    """The event log cannot write. Nothing was acknowledged."""


class StoreUnavailable(CoursepulseError):
    """A database does not answer. Trying again later may help."""


class StoreRejected(CoursepulseError):
    """A database refuses what it was given. Trying again will not help."""


class LeaseLost(CoursepulseError):
    """Another worker has taken over what this one was working on."""
