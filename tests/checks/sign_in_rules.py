"""A directory and the sign-in rules in it, for the tests of the checks that ask what these rules demand."""

from __future__ import annotations

from typing import Any

from checks.testing import fact
from collectors.facts.directory import Clients, DirectorySettings, SignInRule

TENANT = fact(DirectorySettings, "tenant")


def everywhere(name: str = "it", /, **changed: Any) -> SignInRule:
    """A rule that demands a second factor of everyone, everywhere."""
    said = {
        "enforced": True,
        "covers": ("everyone",),
        "applications": ("everything",),
        "exceptions": (),
        "only_when": (),
        "clients": (Clients.MODERN,),
        "demands_mfa": True,
        "blocks": False,
    }
    return fact(SignInRule, name, **{**said, **changed})


def managing(**changed: Any) -> SignInRule:
    """A rule that demands a second factor of everyone who manages the cloud."""
    return everywhere(**{"applications": ("management",), **changed})


def old_programs(**changed: Any) -> SignInRule:
    """A rule that blocks old protocols for everyone."""
    return everywhere(**{"clients": (Clients.LEGACY,), "demands_mfa": False, "blocks": True, **changed})
