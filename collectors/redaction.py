"""Takes secrets out of documents by named rules, before anything is hashed, stored or shown.

Collectors do not ask for secrets, so this is the second line of defense: what people paste into descriptions, tags,
policies and environment values.  Rules are few and exact on purpose.  A rule by entropy would strike every key id
and digest, and evidence with holes where identifiers should be proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from collectors.api import Document

SECRET_FIELDS = frozenset(
    {
        "secretstring",
        "secretbinary",
        "secretaccesskey",
        "sessiontoken",
        "masteruserpassword",
        "password",
        "privatekey",
        "clientsecret",
        "userdata",
        "connectionstring",
        "sharedaccesskey",
    }
)
"""Names of fields whose value is a secret, in lower case without separators."""

ENVIRONMENT = ("environment", "variables")
"""The values below this path are settings of programs, where secrets are common; their names stay."""

PATTERNS: dict[str, re.Pattern[str]] = {
    "private-key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "aws-secret-key": re.compile(r"(?i)aws_?secret_?access_?key\W{1,4}[A-Za-z0-9/+]{40}"),
    "github-token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}"),
    "gitlab-token": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}"),
    "slack-token": re.compile(r"\bxox[abeprs]-[A-Za-z0-9-]{10,}"),
    "stripe-key": re.compile(r"\b[rs]k_live_[A-Za-z0-9]{16,}"),
    "google-api-key": re.compile(r"\bAIza[A-Za-z0-9_-]{35}"),
    "json-web-token": re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+"),
    "url-password": re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@"),
    "assigned-secret": re.compile(r"(?i)\b(?:password|passwd|pwd|secret|api_?key|token)\s*=\s*[^\s'\",;&]{6,}"),
}
_ANY = re.compile(
    "|".join(f"(?:{pattern.pattern.removeprefix('(?i)')})" for pattern in PATTERNS.values()), re.IGNORECASE
)
"""One pass finds the few texts worth asking each rule about."""


def redact(document: Document) -> Document:
    """The document without secrets, with (path, rule) of each one taken out.  Unchanged when there is none."""
    found = dict(_secrets(document.body, ()))
    if not found:
        return document
    body = _without(document.body, found, ())
    return replace(
        document, body=body, redacted=tuple((".".join(map(str, path)), rule) for path, rule in found.items())
    )


def _secrets(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _secrets(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _secrets(inner, (*path, index))
    elif isinstance(value, (str, bytes)) and value:
        rule = _rule(value, path)
        if rule:
            yield path, rule


def _rule(value: str | bytes, path: tuple[str | int, ...]) -> str | None:
    if _plain(path[-1]) in SECRET_FIELDS:
        return "secret-field"
    if len(path) > len(ENVIRONMENT) and tuple(map(_plain, path[-3:-1])) == ENVIRONMENT:
        return "environment-value"
    if isinstance(value, str) and _ANY.search(value):
        return next((rule for rule, pattern in PATTERNS.items() if pattern.search(value)), None)
    return None


@lru_cache(maxsize=4096)
def _plain(step: str | int) -> str:
    """A field's name in lower case without separators.  Documents repeat few names many times."""
    return str(step).lower().replace("_", "").replace("-", "")


def _without(value: Any, found: Mapping[tuple[str | int, ...], str], path: tuple[str | int, ...]) -> Any:
    if path in found:
        return f"[redacted: {found[path]}]"
    if isinstance(value, Mapping):
        return {key: _without(inner, found, (*path, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, found, (*path, index)) for index, inner in enumerate(value)]
    return value
