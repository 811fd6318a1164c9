"""Hypothesis says the same today and tomorrow: no seed, no clock, no memory of former runs."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None, max_examples=300)
settings.load_profile("repeatable")
