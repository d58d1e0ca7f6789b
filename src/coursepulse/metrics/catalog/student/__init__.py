"""Metrics about one student. With ``course`` they are narrowed to that course."""

from __future__ import annotations

from coursepulse.metrics.catalog.student.aims import AIM_METRICS
from coursepulse.metrics.catalog.student.overview import OVERVIEW_METRICS
from coursepulse.metrics.catalog.student.results import RESULT_METRICS
from coursepulse.metrics.catalog.student.study import STUDY_METRICS

STUDENT_METRICS = (*OVERVIEW_METRICS, *AIM_METRICS, *STUDY_METRICS, *RESULT_METRICS)
