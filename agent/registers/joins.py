"""Lists laid side by side, as auditors do: leavers against accounts, deployments against approvals.

Pure: plain rows in, plain rows out.  Times are microseconds since the epoch, UTC.  What cannot be told is said to be
so: an account that nobody could look at is neither removed nor still there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from agent import clock

HOUR = 3_600_000_000


class Someone(Protocol):
    """A person as the list of staff has them."""

    @property
    def id(self) -> str:
        """Id in that list."""

    @property
    def name(self) -> str:
        """Name."""

    @property
    def email(self) -> str:
        """Address, or empty."""

    @property
    def left_at(self) -> int | None:
        """From when they may no longer have access."""

    @property
    def accounts(self) -> Sequence[str]:
        """Names or identifiers of their accounts."""


class Deployed(Protocol):
    """A change that went to production."""

    @property
    def id(self) -> str:
        """Its id, which approvals name."""

    @property
    def kind(self) -> str:
        """`standard` or `emergency`."""

    @property
    def deployed_at(self) -> int:
        """When."""

    @property
    def deployed_by(self) -> str:
        """By whom."""


class Decided(Protocol):
    """One decision about one change."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def change(self) -> str:
        """Id of the change."""

    @property
    def decision(self) -> str:
        """`approved` or `rejected`."""

    @property
    def approved_by(self) -> str:
        """By whom."""

    @property
    def approved_at(self) -> int:
        """When."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Something that somebody can sign in or call with: a directory user, an access key."""

    target: str
    uid: str
    """The provider's identifier."""
    owner: str
    """Name of the user that it is, or belongs to."""
    last_usable: int
    """The last moment at which it was read and worked."""
    unusable_by: int | None
    """The first moment after that at which it was read and was gone or shut; None when that was never seen."""


class Removal(StrEnum):
    """What became of an account after its owner left."""

    IN_TIME = "in time"
    LATE = "late"
    STILL_THERE = "still there"
    """It was seen to work after the time limit, and never to be gone."""
    DUE = "due"
    """It was not seen to be gone, and the time limit has not passed yet."""
    UNKNOWN = "unknown"
    """It was not read at the moments that would tell."""
    NO_ACCOUNT = "no account"
    """No account is known to be theirs; that none exists is not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaver:
    """One account of somebody who left, or somebody who left without a known account."""

    person: str
    """Id in the list of staff."""
    name: str
    left_at: int
    target: str
    uid: str
    removal: Removal
    at_least: float | None
    """Hours from leaving for which it certainly worked; 0 when it was not seen to work after that."""
    at_most: float | None
    """Hours after which it was certainly gone; None when that was not seen."""

    def to_json(self) -> dict[str, Any]:
        """The public form."""
        return {
            "person": self.person,
            "name": self.name,
            "left_at": clock.iso(self.left_at),
            "target": self.target,
            "account": self.uid,
            "removal": self.removal.value,
            "hours_at_least": self.at_least,
            "hours_at_most": self.at_most,
        }


class Approved(StrEnum):
    """Whether a change was approved before it went to production, by somebody else."""

    APPROVED = "approved"
    REJECTED = "rejected"
    """The newest decision before it, by somebody else, was a refusal."""
    SELF_APPROVED = "self-approved"
    AFTERWARDS = "afterwards"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One change and the decision that speaks for or against it."""

    change: str
    emergency: bool
    deployed_at: int
    deployed_by: str
    approved: Approved
    approval: str
    """Id of the decision; empty when there is none."""
    approved_by: str
    approved_at: int | None

    def to_json(self) -> dict[str, Any]:
        """The public form."""
        return {
            "change": self.change,
            "emergency": self.emergency,
            "deployed_at": clock.iso(self.deployed_at),
            "deployed_by": self.deployed_by,
            "result": self.approved.value,
            "approval": self.approval,
            "approved_by": self.approved_by,
            "approved_at": clock.iso_or_none(self.approved_at),
        }


def leavers(
    people: Iterable[Someone], accounts: Iterable[Account], due: Callable[[int], int], now: int
) -> list[Leaver]:
    """Each account of each person who left by `now`, and how long it worked; it must be gone by `due` of the leaving.

    An account is a person's when their row names its identifier or the name of its user, or when that name is their
    address, whatever the case.
    """
    by_name: dict[str, list[Account]] = defaultdict(list)
    for account in accounts:
        for name in {account.uid.casefold(), account.owner.casefold()}:
            by_name[name].append(account)
    found = []
    for person in people:
        if person.left_at is None or person.left_at > now:
            continue
        theirs = {(each.target, each.uid): each for name in _names(person) for each in by_name.get(name, ())}
        limit = due(person.left_at) - person.left_at
        found += [_leaver(person, person.left_at, account, limit, now) for _, account in sorted(theirs.items())]
        if not theirs:
            found.append(
                Leaver(
                    person=person.id,
                    name=person.name,
                    left_at=person.left_at,
                    target="",
                    uid="",
                    removal=Removal.NO_ACCOUNT,
                    at_least=None,
                    at_most=None,
                )
            )
    return found


def ownerless(people: Iterable[Someone], accounts: Iterable[Account]) -> list[Account]:
    """Accounts that no row of the list of staff speaks of: services, forgotten users, or people missing in the list."""
    known = {name for person in people for name in _names(person)}
    return [each for each in accounts if not known & {each.uid.casefold(), each.owner.casefold()}]


def deployments(changes: Iterable[Deployed], approvals: Iterable[Decided]) -> list[Deployment]:
    """Each change with the decision that counts.

    Of the decisions up to the deployment by others than who deployed, the newest counts, and of several at one moment
    a refusal.  Without one, approval by the deployer is named before approval afterwards, and of those afterwards the
    first by somebody else.
    """
    by_change: dict[str, list[Decided]] = defaultdict(list)
    for each in approvals:
        by_change[each.change].append(each)
    return [_deployment(change, by_change.get(change.id, ())) for change in changes]


def strays(changes: Iterable[Deployed], approvals: Iterable[Decided]) -> list[str]:
    """Ids of decisions about changes that the other list does not have: that list may be incomplete."""
    known = {change.id for change in changes}
    return [each.id for each in approvals if each.change not in known]


def _names(person: Someone) -> set[str]:
    return {name.casefold() for name in (*person.accounts, person.email) if name}


def _leaver(person: Someone, left_at: int, account: Account, sla: int, now: int) -> Leaver:
    worked = max(0, account.last_usable - left_at)
    gone = None if account.unusable_by is None else max(0, account.unusable_by - left_at)
    return Leaver(
        person=person.id,
        name=person.name,
        left_at=left_at,
        target=account.target,
        uid=account.uid,
        removal=_removal(worked, gone, sla, now - left_at),
        at_least=worked / HOUR,
        at_most=None if gone is None else gone / HOUR,
    )


def _removal(worked: int, gone: int | None, sla: int, passed: int) -> Removal:
    """What became of an account that worked for at least so long after its owner left, and was gone by then."""
    if gone is not None and gone <= sla:
        return Removal.IN_TIME
    if worked > sla:
        return Removal.STILL_THERE if gone is None else Removal.LATE
    return Removal.DUE if gone is None and passed <= sla else Removal.UNKNOWN


def _deployment(change: Deployed, decisions: Iterable[Decided]) -> Deployment:
    result, decision = _decision(change, sorted(decisions, key=_order))
    return Deployment(
        change=change.id,
        emergency=change.kind == "emergency",
        deployed_at=change.deployed_at,
        deployed_by=change.deployed_by,
        approved=result,
        approval="" if decision is None else decision.id,
        approved_by="" if decision is None else decision.approved_by,
        approved_at=None if decision is None else decision.approved_at,
    )


def _order(each: Decided) -> tuple[int, bool]:
    return each.approved_at, _REFUSES[each.decision]


_REFUSES: Mapping[str, bool] = {"approved": False, "rejected": True}


def _decision(change: Deployed, decisions: Sequence[Decided]) -> tuple[Approved, Decided | None]:
    """The result for a change, and the decision that it rests on; `decisions` are in the order of time."""
    own = " ".join(change.deployed_by.split()).casefold()
    before = [each for each in decisions if each.approved_at <= change.deployed_at]
    after = [each for each in decisions if each.approved_at > change.deployed_at and not _REFUSES[each.decision]]
    others = [each for each in before if " ".join(each.approved_by.split()).casefold() != own]
    if others:
        return (Approved.REJECTED if _REFUSES[others[-1].decision] else Approved.APPROVED), others[-1]
    if selves := [each for each in before if not _REFUSES[each.decision]]:
        return Approved.SELF_APPROVED, selves[-1]
    after.sort(key=lambda each: " ".join(each.approved_by.split()).casefold() == own)
    return (Approved.AFTERWARDS, after[0]) if after else (Approved.MISSING, None)
