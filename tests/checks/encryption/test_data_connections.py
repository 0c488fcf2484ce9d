"""encryption.data_connections"""

from checks.api import Outcome
from checks.encryption.data_connections import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import DataConnections


def test_encrypted_connections_pass() -> None:
    """None may be plain."""
    assert outcome(CHECK, fact(DataConnections, what="MSK cluster", plain=())) is Outcome.PASS


def test_a_plain_one_fails_and_is_named() -> None:
    """Each of them is in the reason."""
    (finding,) = judged(CHECK, fact(DataConnections, what="MSK cluster", plain=("with clients", "between brokers")))

    assert finding.outcome is Outcome.FAIL
    assert "with clients and between brokers" in finding.reason


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DataConnections, what="MSK cluster"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_the_question_is_asked_of_aws_alone() -> None:
    """The judge finds it not applicable elsewhere, and nothing is judged where there is nothing."""
    assert [DataConnections.exists_in(cloud) for cloud in ("aws", "azure", "gcp")] == [True, False, False]
    assert judged(CHECK) == []
