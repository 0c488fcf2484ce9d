"""Nothing of the company is given to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.core import Unread
from collectors.facts.data_access import Sharing


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per thing that can be shared."""
    for each in facts.of(Sharing):
        value = each.everybody
        yield decide(
            each,
            value if isinstance(value, Unread) else not value,
            yes="is not shared with everybody",
            no="everybody may use it",
        )


CHECK = Check(
    id="exposure.shared_with_everybody",
    title="Data sets, images and keys are not shared with everybody",
    criteria=(
        Criterion("CC6.1", DIRECT, "only those who were let in get at the data"),
        Criterion("CC6.6", PARTIAL, "outsiders get nothing by asking"),
        Criterion("C1.1", PARTIAL, "confidential records are kept from outsiders"),
    ),
    severity="critical",
    needs=(Sharing,),
    remediation="Take allUsers and allAuthenticatedUsers out of the access list of the BigQuery dataset and out "
    "of the policy of the disk image or the Cloud KMS key. On AWS take the group all off the snapshot or the machine "
    "image, and the principal * out of the policy of the topic, queue, key or secret, or name accounts in a condition. "
    "On Azure stop sharing the gallery with the community.",
    equivalents={"prowler": ("ec2_ami_public", "ec2_ebs_public_snapshot")},
    judge=judge,
)
