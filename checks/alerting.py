"""Whether somebody is told of an event anywhere in an account."""

from __future__ import annotations

from fnmatch import fnmatchcase

from checks.api import Facts, unread_in
from collectors.facts.core import Unread
from collectors.facts.detection import ChangeAlert

Told = tuple[bool | Unread, tuple[ChangeAlert, ...]]


def told(facts: Facts, event: str) -> Told:
    """Whether some alert that is on tells somebody of `event`, and the alert that does.

    One alert that does settles it; without one, whatever could not be read might have been it.
    """
    unread = facts.unlisted(ChangeAlert)
    for alert in facts.of(ChangeAlert):
        tells = _tells(alert, event)
        if tells is True:
            return True, (alert,)
        if isinstance(tells, Unread):
            unread = unread or tells
    return unread or False, ()


def _tells(alert: ChangeAlert, event: str) -> bool | Unread:
    """One part that is known to be wrong settles that this alert does not."""
    watches = alert.events if isinstance(alert.events, Unread) else _matches(alert.events, event)
    reaches = alert.receivers if isinstance(alert.receivers, Unread) else alert.receivers > 0
    parts = (alert.enabled, alert.whole_account, watches, reaches)
    if False in parts:
        return False
    return next(iter(unread_in(*parts)), True)


def _matches(patterns: tuple[str, ...], event: str) -> bool:
    return any(fnmatchcase(event.lower(), pattern) for pattern in patterns)
