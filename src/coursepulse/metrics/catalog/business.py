"""Metrics about what courses bring in, and about which of them do well."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.groups import of_platform
from coursepulse.metrics.evidence import money
from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.finish import business
from coursepulse.metrics.metric import Column, Metric, Param, Reach, Scope, Source, Unit

_PERIOD = (Param.FROM, Param.TO)
_CURRENCY = Column("currency", Unit.CURRENCY, "Currency", "ISO 4217")
_MONEY = (
    Column("payments", Unit.COUNT, "Payments", "`payment_completed` events"),
    Column("refunds", Unit.COUNT, "Refunds", "`payment_refunded` events, in the month of the refund"),
    Column("paid", Unit.MONEY, "Paid", "sum of the payments, in the currency"),
    Column("refunded", Unit.MONEY, "Refunded", "sum of the refunds"),
    Column("net", Unit.MONEY, "Net", "paid minus refunded"),
)
_PROOFS = {
    "payments": money.PAYMENTS,
    "refunds": money.REFUNDS,
    "paid": money.PAID,
    "refunded": money.REFUNDED,
    "net": money.NET,
}

BUSINESS_METRICS = (
    Metric(
        "revenue",
        "Revenue by month and course",
        "Payments and refunds of each UTC month, currency and course, within the raw retention. "
        "Exact, and never hidden or rounded.",
        Scope.PLATFORM,
        (
            Column(
                "month", Unit.MONTH, "Month", "first day of the UTC month; what lies within the period counts"
            ),
            _CURRENCY,
            c.COURSE_ID,
            c.COURSE_TITLE,
            *_MONEY,
        ),
        "Revenue",
        takes=(Param.COURSE, *_PERIOD),
        span=365,
        titled="course_id",
        reads=(business.REVENUE,),
        finish=business.list_revenue,
        evidence=_PROOFS,
    ),
    Metric(
        "revenue_by_currency",
        "Revenue by currency",
        "Payments and refunds in each currency. Currencies are never added.",
        Scope.PLATFORM,
        (
            _CURRENCY,
            Column("courses", Unit.COUNT, "Courses", "courses with a payment or refund"),
            *_MONEY,
        ),
        "Revenue",
        takes=(Param.COURSE, *_PERIOD),
        reads=(business.REVENUE,),
        finish=business.list_currencies,
        evidence={"courses": Why.UNLISTED, **_PROOFS},
    ),
    Metric(
        "course_ranks",
        "Courses by completion and score",
        "Courses with 20 learners or more, with the 95 % intervals of completion and score.",
        Scope.PLATFORM,
        (
            c.COURSE_ID,
            c.COURSE_TITLE,
            Column("learners", Unit.COUNT, "Learners", "learners in the course, and those who completed it"),
            Column(
                "completed", Unit.COUNT, "Completed", "of those, declared complete or with every lesson done"
            ),
            Column("completed_pct", Unit.PERCENT, "Completed %", "completed / learners"),
            Column("completed_low", Unit.PERCENT, "At least", "lower bound of completed %, by Wilson"),
            Column("completed_high", Unit.PERCENT, "At most", "upper bound of completed %, by Wilson"),
            Column("scored", Unit.COUNT, "With a score", "learners with a score"),
            Column("score_pct", Unit.PERCENT, "Score", "mean score of those; null for fewer than 20"),
            Column("score_low", Unit.PERCENT, "At least", "lower bound of the mean, by Student"),
            Column("score_high", Unit.PERCENT, "At most", "upper bound of the mean, by Student"),
        ),
        "Courses compared",
        takes=(Param.TO,),
        span=None,
        titled="course_id",
        courses=Reach.EVERY_COURSE,
        source=Source.LEARNERS,
        reads=(business.RANKS,),
        finish=business.list_ranks,
        group=of_platform.COURSE_RANKS,
        evidence={"": Why.UNLISTED},
    ),
)
