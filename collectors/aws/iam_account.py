"""The rules that an account has for console passwords, and the name that people know the account by."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.identity import PasswordPolicy

PASSWORD_POLICY = Kind("aws.iam.password_policy", "iam", "GetAccountPasswordPolicy", absent=("NoSuchEntity",))
ALIASES = Kind("aws.iam.account_aliases", "iam", "ListAccountAliases", items="AccountAliases")

DEFAULT_LENGTH = 8
"""Shortest password where no policy is set: IAM User Guide, default password policy."""


def fetch(aws: Reader) -> Iterator[Document]:
    """The password policy, and the alias under which people sign in to the account."""
    yield from aws.read(PASSWORD_POLICY, policy_uid(aws.partition, aws.account))
    yield from aws.gather(ALIASES, root_uid(aws.partition, aws.account))


def policy_uid(partition: str, account: str) -> str:
    """Stands for the password policy, which has no ARN of its own."""
    return f"arn:{partition}:iam::{account}:password-policy"


def root_uid(partition: str, account: str) -> str:
    """The ARN by which IAM names an account as a whole."""
    return f"arn:{partition}:iam::{account}:root"


def shape(docs: Documents) -> Iterator[Fact]:
    """One password policy per account, set or not."""
    uid = policy_uid(docs.partition, docs.account)
    yield PasswordPolicy(
        resource=docs.resource("password_policy", uid, docs.account, "global"),
        documents=docs.about(uid, *docs.of(ALIASES)),
        exists=docs.value(PASSWORD_POLICY, uid, lambda body: rules(body) is not None),
        minimum_length=docs.value(PASSWORD_POLICY, uid, minimum_length),
        remembered=docs.value(PASSWORD_POLICY, uid, remembered),
        maximum_age_days=docs.value(PASSWORD_POLICY, uid, maximum_age_days),
        requires_upper=docs.value(PASSWORD_POLICY, uid, lambda body: requires(body, "UppercaseCharacters")),
        requires_lower=docs.value(PASSWORD_POLICY, uid, lambda body: requires(body, "LowercaseCharacters")),
        requires_digit=docs.value(PASSWORD_POLICY, uid, lambda body: requires(body, "Numbers")),
        requires_symbol=docs.value(PASSWORD_POLICY, uid, lambda body: requires(body, "Symbols")),
    )


def rules(body: Body) -> Body | None:
    """The rules that the company set; None when it set none."""
    return None if "absent" in body else dict(body["PasswordPolicy"])


def minimum_length(body: Body) -> int:
    """Characters that a password must have; the provider's default without a policy."""
    policy = rules(body)
    return DEFAULT_LENGTH if policy is None else int(policy["MinimumPasswordLength"])


def remembered(body: Body) -> int:
    """Earlier passwords that may not be used again.  IAM leaves the number out when reuse is allowed."""
    policy = rules(body)
    return 0 if policy is None else int(policy.get("PasswordReusePrevention", 0))


def maximum_age_days(body: Body) -> int | None:
    """Days after which a password expires; None when it never does."""
    policy = rules(body)
    return int(policy["MaxPasswordAge"]) if policy is not None and policy["ExpirePasswords"] else None


def requires(body: Body, kind: str) -> bool:
    """Each password must have a character of this kind.  The provider's default asks for any three."""
    policy = rules(body)
    return policy is not None and bool(policy[f"Require{kind}"])


COLLECTOR = Collector(
    id="aws.iam_account",
    title="The account's password policy and alias",
    scope="global",
    kinds=(PASSWORD_POLICY, ALIASES),
    emits={PasswordPolicy: None},
    source="AWS IAM API 2010-05-08",
    fetch=fetch,
    shape=shape,
)
