"""Metrics about a team of an organisation, for those who lead it."""

from __future__ import annotations

from coursepulse.metrics.catalog.team.company import COMPANY_METRICS
from coursepulse.metrics.catalog.team.members import MEMBER_METRICS
from coursepulse.metrics.catalog.team.training import TRAINING_METRICS

TEAM_METRICS = (*MEMBER_METRICS, *TRAINING_METRICS, *COMPANY_METRICS)
