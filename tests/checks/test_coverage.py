"""What other tools ask, and what becomes of each question."""

from __future__ import annotations

import pytest

from checks import coverage
from checks.coverage import Question, declined, parse, peers, questions
from checks.registry import all_checks

READ = ("azure",)
"""Clouds of which no question may be left open."""


def test_every_question_is_decided_or_declined() -> None:
    """No question of these clouds is left without an answer."""
    assert [each.id for each in questions(all_checks().values()) if each.cloud in READ and each.open] == []


def test_what_is_declined_is_not_decided_as_well() -> None:
    """A reason why there is no check would be untrue where there is one."""
    both = [each.id for each in questions(all_checks().values()) if each.declined and each.decided_by]
    assert both == []


def test_an_equivalent_is_a_question_that_exists_or_outside_the_map() -> None:
    """No id is written for a cloud and misspelled: each azure_* family of the map is named as it stands there."""
    known = {id_ for ids in peers().values() for id_ in ids}
    families = {id_.partition("_")[0] for id_ in peers()["azure"]} - {"network", "storage", "app", "vm"}
    named = {id_ for check in all_checks().values() for id_ in check.equivalents.get(coverage.TOOL, ())}
    assert {id_ for id_ in named - known if id_.partition("_")[0] in families} == set()


def test_the_map_has_its_size() -> None:
    """As many questions as the other tool maps."""
    assert {cloud: len(set(ids)) for cloud, ids in peers().items()} == {"aws": 171, "azure": 100, "gcp": 56}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('tool = "prowler"\ncloud = "azure"\nid = "nothing"\nreason = "r"', "is no question of prowler about azure"),
        ('tool = "prowler"\ncloud = "azure"\nid = "network_public_ip_shodan"', "reason: is missing or unknown"),
        ('tool = "prowler"\ncloud = "azure"\nid = "network_public_ip_shodan"\nreason = " "', "say why"),
        ('tool = "other"\ncloud = "azure"\nid = "network_public_ip_shodan"\nreason = "r"', "is no question of"),
    ],
)
def test_a_mistake_is_one_line(entry: str, said: str) -> None:
    """What, where and how to fix."""
    with pytest.raises(ValueError, match=said):
        parse(f"[[declined]]\n{entry}\n", "declined.toml")


def test_declining_twice_is_refused() -> None:
    """Two reasons would contradict each other some day."""
    entry = '[[declined]]\ntool = "prowler"\ncloud = "azure"\nid = "network_public_ip_shodan"\nreason = "r"\n'
    with pytest.raises(ValueError, match="declined twice"):
        parse(entry * 2, "declined.toml")


def test_open_is_neither() -> None:
    """Decided or declined, a question is no longer open."""
    assert Question("azure", "q", (), "").open
    assert not Question("azure", "q", ("a.b",), "").open
    assert not Question("azure", "q", (), "because").open
    assert isinstance(declined(), dict)
