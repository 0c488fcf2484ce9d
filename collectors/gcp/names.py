"""Names of Google's resources: full names as Cloud Asset Inventory writes them, their places, and plain numbers."""

from __future__ import annotations

import re

SECONDS_OF_A_DAY = 86_400
GOOGLES_KEY = "Google-managed key"
"""With which Google encrypts whatever it stores, unless a key of the customer's is named."""
_SERVICE = re.compile(r"(?:https?://[^/]+)?(?:/?compute)?/?v[0-9][a-z0-9]*/")
_PLACE = re.compile(r"(?:^|/)(?:locations|regions|zones)/([^/]+)")


def full_name(service: str, name: str) -> str:
    """`//pubsub.googleapis.com/projects/p/topics/t` of a service and the name of a resource there."""
    return f"//{service}.googleapis.com/{name}"


def path_of(link: str) -> str:
    """`projects/p/zones/z/disks/d` of a link to a resource of Compute Engine, whole or in part.

    Raises ValueError for a text that holds no project.
    """
    path = _SERVICE.sub("", link, count=1)
    start = path.find("projects/")
    if start < 0:
        raise ValueError(f"{link!r} names no project")
    return path[start:]


def compute_uid(link: str) -> str:
    """The full name of what a link of Compute Engine leads to."""
    return full_name("compute", path_of(link))


def place_of(name: str) -> str:
    """The location, region or zone in a resource's name; `global` where there is none."""
    found = _PLACE.search(name)
    return found[1] if found else "global"


def last(name: str) -> str:
    """The last part of a name: what people call it."""
    return name.rpartition("/")[2]


def seconds(text: str) -> float:
    """A duration as Google writes it, `1209600s`.  Raises ValueError for anything else."""
    if not text.endswith("s"):
        raise ValueError(f"{text!r} is no duration")
    return float(text[:-1])


def days(text: str) -> int:
    """Whole days in such a duration."""
    return int(seconds(text)) // SECONDS_OF_A_DAY
