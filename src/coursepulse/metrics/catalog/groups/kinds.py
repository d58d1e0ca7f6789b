"""What a figure about several people is, so that it can be rounded or hidden.

What one person is worth on a day decides how coarsely sums are rounded: about an ordinary day of one learner.
"""

from __future__ import annotations

from coursepulse.privacy.small_groups import GroupValue, ValueKind

HALF_HOUR = 1800

MINUTE = 60

ACTIONS = 20


def people(*columns: str, by: tuple[str, ...] | None = None) -> tuple[GroupValue, ...]:
    return tuple(GroupValue(column, ValueKind.PEOPLE, column, by=by) for column in columns)


def total(column: str, people: str, worth: float = 1, *, grows: bool = True) -> GroupValue:
    return GroupValue(column, ValueKind.SUM, people, worth=worth, grows=grows)


def mean(column: str, people: str) -> GroupValue:
    return GroupValue(column, ValueKind.MEAN, people, to_date=True)


def ratio(column: str, part: str, whole: str) -> GroupValue:
    return GroupValue(column, ValueKind.RATIO, part, per=whole)


ENROLLED = GroupValue("learners_enrolled", ValueKind.PEOPLE, "learners_enrolled", to_date=True)

AGREED = GroupValue("learners_agreed", ValueKind.PEOPLE, "learners_agreed", to_date=True)


def quartiles(name: str, worth: float) -> tuple[GroupValue, ...]:
    """Median and quartiles of those with a value: a median has half of them on either side, a quartile a quarter."""
    people = f"with_{name}"
    return (
        GroupValue(f"class_{name}_low", ValueKind.QUANTILE, people, worth=worth, parts=4),
        GroupValue(f"class_{name}_median", ValueKind.QUANTILE, people, worth=worth, parts=2),
        GroupValue(f"class_{name}_high", ValueKind.QUANTILE, people, worth=worth, parts=4),
    )


STEP = 5
