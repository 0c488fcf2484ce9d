"""What all things of the directory have in common: an id, and switches that are on or off."""

from __future__ import annotations

from collectors.api import Body


def id_of(body: Body) -> str:
    """The object id.  Raises KeyError, TypeError for a thing without one: nobody could tell it from another."""
    found = body["id"]
    if not isinstance(found, str):
        raise TypeError(f"id is {found!r}")
    return found


def flag(body: Body, name: str) -> bool:
    """A field that is true or false.  Raises KeyError, TypeError for any other."""
    value = body[name]
    if not isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}")
    return value
