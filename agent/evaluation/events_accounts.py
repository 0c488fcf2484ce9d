"""What the people of a company could sign in or call with, and until when, from the documents of all runs.

Read at moments only: an account worked at least until the run that last saw it work began, and was gone at the latest
when the ledger took the run that did not.  Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from agent.population_kinds import Definition, listed
from agent.registers.joins import Account
from agent.wiring import Wiring
from storage import blobs, history
from storage.history import Life, RunAt
from storage.rows import Target

PASSWORD, KEY, USER = "aws.iam.user_login_profile", "aws.iam.access_key", "aws.iam.user"
_WORKS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    PASSWORD: lambda body: "absent" not in body,
    KEY: lambda body: body["Status"] == "Active",
}
"""By kind of document: whether somebody can sign in or call with what it describes."""
_SIGN_INS = Definition("sign-ins", "Passwords and access keys", (USER, *_WORKS), "passwords and keys of users")


@dataclass(frozen=True, slots=True)
class Directory:
    """Every way to sign in that any run read."""

    accounts: tuple[Account, ...]
    vanished: tuple[tuple[str, int], ...]
    """Users that were deleted: name, and when a complete listing no longer held them."""


def directory(conn: Connection, wiring: Wiring, until: int) -> Directory:
    """What the runs recorded before `until` read.  Raises IntegrityError when the store is damaged."""
    about = listed(_SIGN_INS, wiring)
    cut = history.listings_cut(conn, about.kinds, about.collectors, 0, until)
    runs = history.runs_between(conn, 0, until)
    lives = history.resource_lives(conn, list(_WORKS), 0, until)
    clear: dict[tuple[Target, str], list[RunAt]] = {}
    found: list[Account] = []
    vanished: list[tuple[str, int]] = []
    for some in blobs.in_chunks(lives):
        contents = blobs.load(conn, {life.bid for life in some})
        for life in some:
            place = life.target, life.key.region
            if place not in clear:
                clear[place] = [run for run in runs[life.target] if run.documents and (run.seq, place[1]) not in cut]
            body = orjson.loads(contents[life.bid])["body"]
            owner = _owner(life, body)
            found.append(_account(life, owner, clear[place], works=_WORKS[life.key.kind](body)))
            if life.key.kind == PASSWORD and life.gone is not None:
                vanished.append((owner, life.gone.recorded))
    return Directory(tuple(found), tuple(vanished))


def _owner(life: Life, body: Mapping[str, Any]) -> str:
    """Name of the user: a key says whose it is, and the document of a password has the user's identifier."""
    return str(body["UserName"]) if life.key.kind == KEY else life.key.uid.rpartition("/")[2]


def _account(life: Life, owner: str, clear: Sequence[RunAt], *, works: bool) -> Account:
    """Until when it worked; `clear` are the runs whose listing was complete, so that they surely saw it while it was.

    The status is all that changes in these documents, so the newest one tells since when an account is shut; one that
    was shut when it was first seen was never seen to work.
    """
    ended = life.gone if works else life.changed
    seen = [life.changed] if works else [life.first]
    place = len(clear) if ended is None else bisect_left(clear, ended.seq, key=lambda run: run.seq)
    if place and clear[place - 1].seq > life.first.seq:
        seen.append(clear[place - 1])
    return Account(
        target=life.target.name,
        uid=life.key.uid,
        owner=owner,
        last_usable=max((run.started for run in seen if ended is None or run.seq < ended.seq), default=0),
        unusable_by=None if ended is None else ended.recorded,
    )
