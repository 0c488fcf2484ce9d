"""Console passwords mix upper case, lower case, digits and symbols."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, fails, passes, unknown, unread_in
from collectors.facts.identity import PasswordPolicy


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account; one kind of character that is not required decides, whatever was not read."""
    for policy in facts.of(PasswordPolicy):
        required = {
            "upper case": policy.requires_upper,
            "lower case": policy.requires_lower,
            "digits": policy.requires_digit,
            "symbols": policy.requires_symbol,
        }
        missing = [kind for kind, value in required.items() if value is False]
        if policy.exists is False:
            yield fails(policy, "no password policy is set, so the provider's default applies")
        elif missing:
            yield fails(policy, f"passwords need not hold {', '.join(missing)}")
        elif gaps := unread_in(policy.exists, *required.values()):
            yield unknown(policy, *gaps)
        else:
            yield passes(policy, f"passwords must hold {', '.join(required)}")


CHECK = Check(
    id="identity.password_complexity",
    title="Console passwords mix kinds of characters",
    criteria=(Criterion("CC6.1", PARTIAL, "a mixed password resists guessing from word lists"),),
    severity="medium",
    needs=(PasswordPolicy,),
    remediation="Set a custom password policy under IAM, Account settings, with RequireUppercaseCharacters, "
    "RequireLowercaseCharacters, RequireNumbers and RequireSymbols.",
    equivalents={
        "prowler": (
            "iam_password_policy_uppercase",
            "iam_password_policy_lowercase",
            "iam_password_policy_number",
            "iam_password_policy_symbol",
        ),
        "aws_config": ("iam-password-policy",),
        "security_hub": ("IAM.11", "IAM.12", "IAM.13", "IAM.14"),
    },
    judge=judge,
)
