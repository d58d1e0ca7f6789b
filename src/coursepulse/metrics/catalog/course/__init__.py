"""Metrics about one course, and those about a single video of it. Staff and test users are left out."""

from __future__ import annotations

from coursepulse.metrics.catalog.course.advice import ADVICE_METRICS
from coursepulse.metrics.catalog.course.assessments import ASSESSMENT_METRICS
from coursepulse.metrics.catalog.course.contact import CONTACT_METRICS
from coursepulse.metrics.catalog.course.content import CONTENT_METRICS
from coursepulse.metrics.catalog.course.learners import LEARNER_METRICS
from coursepulse.metrics.catalog.course.overview import OVERVIEW_METRICS

COURSE_METRICS = (
    *OVERVIEW_METRICS,
    *LEARNER_METRICS,
    *CONTENT_METRICS,
    *ASSESSMENT_METRICS,
    *CONTACT_METRICS,
    *ADVICE_METRICS,
)
