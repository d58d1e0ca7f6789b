"""What every test goes by."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes says what else the machine is doing, and nothing about the code.
settings.register_profile("coursepulse", deadline=None)
settings.load_profile("coursepulse")
