"""The customer's keys in vaults, as other services name them."""

from __future__ import annotations


def without_version(address: str) -> str:
    """`https://vault/keys/name` of a key's address, whichever of its versions is in use, in lower case.

    Raises ValueError for an address that names no key.
    """
    vault, mark, rest = address.lower().partition("/keys/")
    if not mark:
        raise ValueError("the address of the key names no key")
    return f"{vault}{mark}{rest.partition('/')[0]}"
