"""Metadata of machines and of whole projects: the few entries that are settings, and nothing of the rest.

Values of other entries are start scripts and keys of people, so they are left out before anything is kept.
"""

from __future__ import annotations

from typing import Any

from collectors.api import Body

OS_LOGIN, SERIAL, BLOCK_KEYS = "enable-oslogin", "serial-port-enable", "block-project-ssh-keys"
SETTINGS = frozenset({OS_LOGIN, SERIAL, BLOCK_KEYS})
"""Entries whose values are settings that checks ask for."""
_ON = frozenset({"true", "1", "yes", "y", "on"})
_OFF = frozenset({"false", "0", "no", "n", "off", ""})


def without_values(body: dict[str, Any], key: str) -> dict[str, Any]:
    """The body with its metadata at `key` reduced to names, and to values where these are settings."""
    said = body.get(key)
    if not isinstance(said, dict):
        return body
    items = [
        item if item.get("key") in SETTINGS else {"key": item.get("key")}
        for item in said.get("items") or ()
        if isinstance(item, dict)
    ]
    return {**body, key: {**said, "items": items}}


def entry(metadata: Body, name: str) -> bool | None:
    """A setting; None where nobody said.  Raises ValueError for a word that is neither yes nor no."""
    found = next((str(each["value"]) for each in metadata.get("items") or () if each["key"] == name), None)
    if found is None:
        return None
    word = found.strip().lower()
    if word not in _ON | _OFF:
        raise ValueError(f"{name} is {word!r}, neither yes nor no")
    return word in _ON
