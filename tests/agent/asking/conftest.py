"""The planted company, shared with the tests of evaluations."""

from __future__ import annotations

from tests.agent.evaluation.conftest import company, planted_url

__all__ = ["company", "planted_url"]
