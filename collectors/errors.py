"""What can go wrong in a read, sorted by consequence."""

from __future__ import annotations

from collectors.facts.core import Reason


class ReadRefused(Exception):
    """An operation that is not a read was asked for: a bug of ours, stopped before it left the machine."""


class TargetUnreachable(Exception):
    """Nothing of a target can be read: wrong credentials, no route, no such role."""

    def __init__(self, reason: Reason, operation: str, said: str) -> None:
        """`said` is the provider's or the network's own short word."""
        super().__init__(f"{operation}: {reason} ({said})")
        self.reason = reason
        self.operation = operation
        self.said = said


class ConfigurationFault(Exception):
    """The operator can fix it: one line that says what, where and how."""
