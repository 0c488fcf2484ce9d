"""The accounts of an AWS organization, as its management account or a delegated administrator sees them."""

from __future__ import annotations

from collectors.aws.failures import classify, unanswered
from collectors.aws.session import Session
from collectors.errors import TargetUnreachable
from collectors.facts.core import Reason
from collectors.provenance import Member

OPERATION = "ListAccounts"
PERMISSION = "organizations:ListAccounts"
"""The one right that discovery needs."""


def discover(session: Session, home: str, own: str) -> tuple[Member, ...]:
    """Every account of the organization of the account `own`, itself included, sorted; none is left out for its state.

    `home` is the region that answers for global services.  A list that is cut off is no list, and neither is one
    without the account that asked.  Raises TargetUnreachable.
    """
    found = []
    try:
        for page in session.client("organizations", home).get_paginator("list_accounts").paginate():
            for account in page["Accounts"]:
                # Organizations gave up `Status` for `State` in September 2026; older endpoints answer the former.
                state = account.get("State") or account.get("Status", "")
                found.append(Member(account["Id"], account.get("Name", ""), state))
    except unanswered() as error:
        reason, said = classify(error, OPERATION)
        raise TargetUnreachable(reason, PERMISSION, said) from error
    if own not in {member.account for member in found}:
        said = f"malformed answer: {len(found)} accounts, and {own} is not among them"
        raise TargetUnreachable(Reason.PARTIAL_LISTING, PERMISSION, said)
    return tuple(sorted(found))
