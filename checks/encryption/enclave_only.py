"""A key that is meant for measured programs decrypts for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from checks.api import (
    DIRECT,
    PARTIAL,
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
)
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.stores import AttestedKey


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per key.

    One that asks for measurements somewhere is meant for measured programs, and so are those that the company names.
    """
    meant = names(params, "keys")
    for key in facts.of(AttestedKey):
        if isinstance(key.attested, Unread):
            yield unknown(key, key.attested)
        elif not key.attested and any(fnmatchcase(key.resource.name, each) for each in meant):
            yield fails(key, "is meant for measured programs, and asks nobody for measurements")
        elif not key.attested:
            yield not_applicable(key, "is not meant for measured programs")
        elif isinstance(key.unattested, Unread):
            yield unknown(key, key.unattested)
        elif key.unattested:
            yield fails(key, f"decrypts without measurements by {', '.join(key.unattested)}")
        else:
            yield passes(key, "decrypts for measured programs only")


CHECK = Check(
    id="encryption.enclave_only",
    title="Keys for enclaves decrypt for measured programs only",
    criteria=(
        Criterion("CC6.1", DIRECT, "a right alone, or a stolen credential, opens nothing"),
        Criterion("C1.1", PARTIAL, "confidential records are in the open inside the enclave alone"),
    ),
    severity="high",
    needs=(AttestedKey,),
    remediation="Give each statement of the AWS KMS key's policy that allows kms:Decrypt, kms:DeriveSharedSecret, "
    "kms:GenerateDataKey or kms:GenerateDataKeyPair a condition on kms:RecipientAttestation, or deny these to "
    "everybody whose measurements differ (StringNotEqualsIgnoreCase on kms:RecipientAttestation:ImageSha384).",
    equivalents={
        "prowler": ("kms_key_enclave_attestation_bypassable_path", "kms_key_enclave_attestation_not_enforced")
    },
    judge=judge,
    params=(Param("keys", (), "names of keys, * for any text", "keys that are meant for measured programs"),),
)
