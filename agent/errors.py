"""Exit codes, and the errors that an operator can act on."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the process tells the shell, the scheduler and the pipeline."""

    OK = 0
    FAILING = 1
    """Controls fail at or above the level that was asked for."""
    CONFIGURATION = 2
    """The operator can fix it: one line says what, where and how."""
    EVIDENCE_MISSING = 3
    """Something that should have been read was not."""
    INTEGRITY = 4
    """Evidence was changed, removed or rolled back."""


class OperatorError(Exception):
    """Somebody can fix it: the message is one line that says what, where and how."""

    exit_code = Exit.CONFIGURATION


class Stopped(Exception):
    """The process was told to end while something was under way."""
