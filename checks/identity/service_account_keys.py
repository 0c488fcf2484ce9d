"""Programs use no keys that the company has to guard by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.identity import ServiceAccount


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per service account; keys of one that is switched off open nothing."""
    allowed = names(params, "allowed")
    for account in facts.of(ServiceAccount):
        keys = account.own_keys
        if account.enabled is False:
            yield not_applicable(account, "account is switched off")
        elif account.resource.name in allowed:
            yield passes(account, "account is on the list of those that may have keys")
        elif keys == 0:
            yield passes(account, "account has no key of the company's own")
        elif isinstance(keys, Unread) or isinstance(account.enabled, Unread):
            yield unknown(account, *unread_in(account.enabled, keys))
        else:
            yield fails(account, f"account has keys of the company's own, {keys} in number")


CHECK = Check(
    id="identity.service_account_keys",
    title="Service accounts have no keys of the company's own",
    criteria=(
        Criterion("CC6.1", PARTIAL, "there is no key that could be copied and taken along"),
        Criterion("CC6.2", SUPPORTING, "a program's credentials end with the program"),
    ),
    severity="medium",
    needs=(ServiceAccount,),
    remediation="Let the program act as the service account of its machine, or by workload identity federation from "
    "outside Google Cloud, and delete the key; name in the parameter `allowed` the accounts that cannot do without.",
    equivalents={"prowler": ("iam_sa_no_user_managed_keys",)},
    judge=judge,
    params=(Param("allowed", (), "addresses of service accounts", "accounts that may have keys all the same"),),
)
