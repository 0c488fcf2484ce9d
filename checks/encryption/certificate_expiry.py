"""Certificates are renewed before they end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from checks.api import (
    DIRECT,
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
)
from checks.thresholds import number
from checks.when import day
from collectors.facts.core import Unread
from collectors.facts.data_access import Certificate


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per certificate that can be presented."""
    days = number(params, "notice_days")
    for certificate in facts.of(Certificate):
        if certificate.enabled is False:
            yield not_applicable(certificate, "certificate is switched off")
        elif isinstance(certificate.expires, Unread):
            yield unknown(certificate, certificate.expires)
        elif certificate.expires - now > timedelta(days=days):
            yield passes(certificate, f"certificate ends on {day(certificate.expires)}, more than {days} days ahead")
        elif isinstance(certificate.enabled, Unread):
            yield unknown(certificate, certificate.enabled)
        else:
            yield fails(certificate, f"certificate ends on {day(certificate.expires)}, no more than {days} days ahead")


CHECK = Check(
    id="encryption.certificate_expiry",
    title="Certificates are renewed in time",
    criteria=(
        Criterion("CC6.7", DIRECT, "connections stay encrypted and nobody learns to click warnings away"),
        Criterion("A1.2", SUPPORTING, "a service is not lost on the day its certificate ends"),
    ),
    severity="high",
    needs=(Certificate,),
    remediation="Renew the certificate, best by a lifetime action of its policy in the Azure Key Vault (AutoRenew); "
    "on AWS let Certificate Manager issue it and keep its validation record in place.",
    equivalents={
        "prowler": ("acm_certificates_expiration_check",),
        "aws_config": ("acm-certificate-expiration-check",),
        "security_hub": ("ACM.1",),
    },
    judge=judge,
    params=(Param("notice_days", 30, "days", "certificates must be renewed this long before they end"),),
    time_dependent=True,
)
