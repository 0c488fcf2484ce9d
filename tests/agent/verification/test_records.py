"""Manifests and records read by their bytes say what they say when they are parsed."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, strategies

from agent.verification.records import Manifests, lists_no_gaps, tallies_digest
from storage.prepare import manifest_of
from storage.rows import Outcome, Tally

CHECKS = ("a.a", "b.b", 'quoted "check":', '{"check":', "é")
tallies = strategies.lists(
    strategies.builds(
        Tally,
        check_id=strategies.sampled_from(CHECKS),
        code_digest=strategies.sampled_from(("e" * 64, "f" * 64)),
        params=strategies.sampled_from(({}, {"days": 90}, {"only": [{"check": "a.a", "counts": {}}]})),
        counts=strategies.dictionaries(strategies.sampled_from(Outcome), strategies.integers(0, 2)),
    ),
    max_size=4,
)


@given(strategies.lists(tallies, max_size=4))
def test_manifests_one_after_the_other(runs: list[list[Tally]]) -> None:
    """Whatever was read before, a manifest has the digest of its parsed form, also when a check is named twice."""
    manifests = Manifests()

    for run in runs:
        content = manifest_of(run)
        assert manifests.digest(content) == tallies_digest(orjson.loads(content))


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"[]",
        b'{"checks":[]}',
        b'{"checks":[{"check":1,"counts":{}}]}',
        b'{"checks":[{"check":"a","counts":{"GREEN":1}}]}',
        b'{"checks":[{"check":"a","counts":{}},{"check":"a","counts":{}}]}',
        b'{"checks":[{"check":"a","counts":{"PASS":1}}],"more":[]}',
        b' {"checks": [{"counts": {"PASS": 1}, "check": "a"}]}',
    ],
)
def test_unusual_manifests(content: bytes) -> None:
    """A manifest in another form than the store's is parsed, and a malformed one has no digest."""
    assert Manifests().digest(content) == tallies_digest(orjson.loads(content))


@pytest.mark.parametrize(
    "content", [b'{"checks":[{"check":"a","counts":{}},]}', b'{"checks":[{"check":"a","counts":{}}', b"\x00"]
)
def test_a_manifest_that_is_no_json(content: bytes) -> None:
    """Bytes that are not JSON are refused and not split until they fit."""
    with pytest.raises(ValueError, match=r"."):
        Manifests().digest(content)


def test_a_record_without_gaps() -> None:
    """A record whose only list of gaps is empty shows it."""
    assert lists_no_gaps(b'{"calls":[],"counted":[],"gaps":[],"identity":{},"v":1}')


@pytest.mark.parametrize(
    "record",
    [
        b'{"calls":[],"counted":[],"gaps":[{"reason":"THROTTLED"}],"identity":{},"v":1}',
        b'{"calls":[{"x":[],"gaps":[],"identity":{}}],"counted":[],"gaps":[{}],"identity":{},"v":1}',
        b'{"calls":[{"x":[],"gaps":[],"identity":{}}],"counted":[],"g\\u0061ps":[{}],"identity":{},"v":1}',
        b'{"calls":[],"counted":[],"identity":{},"v":1}',
        b'{"calls":["],\\"gaps\\":[],\\"identity\\":{"],"counted":[],"identity":{},"v":1}',
    ],
)
def test_a_record_that_has_to_be_parsed(record: bytes) -> None:
    """A record that lists a gap, or none at all, or hides the word, does not pass for one without."""
    assert not lists_no_gaps(record)
