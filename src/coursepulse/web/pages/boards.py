"""The pages that are made of cards."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from coursepulse.web.cards import catalog
from coursepulse.web.cards.ask import Ask
from coursepulse.web.cards.card import Card
from coursepulse.web.cards.links import course_link
from coursepulse.web.cards.people import name_of
from coursepulse.web.cards.period import SPANS, last
from coursepulse.web.pages.answer import answer_all, student_bytes
from coursepulse.web.pages.definitions import metric_name
from coursepulse.web.pages.render import page
from coursepulse.web.pages.shown import Wish
from coursepulse.web.pages.viewer import viewer_of
from coursepulse.web.text import say
