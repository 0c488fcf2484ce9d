"""A key that asks for measurements takes those of approved programs where the company runs them, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
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
    unread_in,
)
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.stores import AttestedKey


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per key that asks for measurements; one value that is wrong decides."""
    approved = {each.lower() for each in names(params, "approved")}
    programs, places = names(params, "programs"), names(params, "places")
    for key in facts.of(AttestedKey):
        if key.attested is False:
            yield not_applicable(key, "asks for no measurements")
            continue
        wrong = [] if isinstance(key.values, Unread) else list(_wrong(key.values, approved))
        loose = [] if isinstance(key.pinned, Unread) else list(_loose(key.pinned, programs, places))
        if gaps := unread_in(key.attested, key.values, key.pinned):
            yield unknown(key, *gaps)
        elif wrong or loose:
            yield fails(key, "; ".join([*loose, *wrong]))
        else:
            yield passes(key, f"names {', '.join(key.pinned) if isinstance(key.pinned, tuple) else ''}")


def _loose(pinned: tuple[str, ...], programs: tuple[str, ...], places: tuple[str, ...]) -> Iterator[str]:
    if programs and not set(pinned) & set(programs):
        yield f"takes programs of any image: names none of {', '.join(programs)}"
    if places and not set(pinned) & set(places):
        yield f"takes the program wherever it runs: names none of {', '.join(places)}"


def _wrong(values: tuple[str, ...], approved: set[str]) -> Iterator[str]:
    for each in values:
        name, _, value = each.partition(" ")
        if not value.strip("0"):
            yield f"takes programs in debug mode, whose {name} is all zeros"
        elif approved and value not in approved:
            yield f"takes {name} {value}, which is not on the list"


CHECK = Check(
    id="encryption.enclave_images",
    title="Keys for enclaves take approved programs only",
    criteria=(
        Criterion("CC6.1", PARTIAL, "only the program that was meant for it has data decrypted"),
        Criterion("CC6.8", PARTIAL, "a program that somebody changed gets nothing"),
    ),
    severity="medium",
    needs=(AttestedKey,),
    remediation="Name the image (kms:RecipientAttestation:ImageSha384) or its signer (PCR8) in the policy of the AWS "
    "KMS key, and the role (PCR3) or machine (PCR4) that it runs on; take out values of all zeros and those of images "
    "that nobody approved.",
    equivalents={
        "prowler": ("kms_key_enclave_attestation_no_deployment_binding", "kms_key_enclave_attestation_pcr_mismatch")
    },
    judge=judge,
    params=(
        Param("approved", (), "measurements in hexadecimal", "values that may be named; empty: any but zeros"),
        Param("programs", ("PCR0", "PCR8"), "measurements", "one of these has to be named: the image or its signer"),
        Param(
            "places", ("PCR3", "PCR4", "PCR8"), "measurements", "and one of these: the role, the machine or the signer"
        ),
    ),
)
