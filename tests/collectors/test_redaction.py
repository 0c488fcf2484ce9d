"""Secrets never get as far as a hash."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.api import Document
from collectors.redaction import redact


def document(**body: Any) -> Document:
    """A document with this body."""
    return Document("aws.test", "arn:x", "us-east-1", body)


@pytest.mark.parametrize(
    ("body", "path", "rule"),
    [
        ({"SecretString": "hunter2"}, "SecretString", "secret-field"),
        ({"Master": {"MasterUserPassword": "hunter2"}}, "Master.MasterUserPassword", "secret-field"),
        ({"Environment": {"Variables": {"LEVEL": "info"}}}, "Environment.Variables.LEVEL", "environment-value"),
        ({"Note": "-----BEGIN RSA PRIVATE KEY-----\nx"}, "Note", "private-key"),
        ({"Tags": [{"Value": "ghp_" + "a" * 36}]}, "Tags.0.Value", "github-token"),
        ({"Url": "postgres://app:hunter2@db/x"}, "Url", "url-password"),
        ({"Text": "run with PASSWORD=hunter22"}, "Text", "assigned-secret"),
    ],
)
def test_a_secret_is_replaced_and_the_rule_recorded(body: dict[str, Any], path: str, rule: str) -> None:
    """The value is gone, and where and why is written down."""
    clean = redact(document(**body))

    assert clean.redacted == ((path, rule),)
    assert "hunter2" not in str(clean.body)
    assert f"[redacted: {rule}]" in str(clean.body)


@pytest.mark.parametrize(
    "value",
    [
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:app/secret-0000-AbCdEf",
        "AKIAIOSFODNN7EXAMPLE",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        '{"Statement": [{"Action": "secretsmanager:GetSecretValue"}]}',
        "https://example.com/path",
    ],
)
def test_identifiers_stay(value: str) -> None:
    """Evidence without its identifiers would prove nothing."""
    original = document(Field=value)

    assert redact(original) is original
