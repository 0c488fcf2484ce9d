"""Resource ids, as Resource Manager writes them in any case: what they name, and where."""

from __future__ import annotations

from collectors.api import Body


def uid_of(body: Body) -> str:
    """The id of a resource in lower case: the same thing is written in different cases by different services."""
    return str(body["id"]).lower()


def name_of(body: Body) -> str:
    """What people call it."""
    return str(body.get("name") or str(body["id"]).rpartition("/")[2])


def place_of(body: Body) -> str:
    """The region of a resource, as `westeurope`; `global` for one that is nowhere in particular."""
    return str(body.get("location") or "global").replace(" ", "").lower()


def properties(body: Body) -> Body:
    """What is set on a resource.  Raises KeyError where the answer has none."""
    found: Body = body["properties"]
    return found


def is_on(value: object) -> bool:
    """Azure's many ways to say that something is switched on.  Raises ValueError for a word that is none of them."""
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word in {"enabled", "on", "true", "active"}:
        return True
    if word in {"disabled", "off", "false", "notset", "inactive"}:
        return False
    raise ValueError(f"{value!r} is neither on nor off")
