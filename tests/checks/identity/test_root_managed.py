"""identity.root_managed"""

import pytest

from checks.api import Outcome
from checks.identity.root_managed import CHECK
from checks.testing import DENIED, fact, outcome
from collectors.facts.core import Unread
from collectors.facts.organization import Organization


@pytest.mark.parametrize(
    ("in_charge", "managed", "expected"),
    [
        (True, True, Outcome.PASS),
        (True, False, Outcome.FAIL),
        (False, False, Outcome.NOT_APPLICABLE),
        (True, DENIED, Outcome.UNKNOWN),
        (DENIED, False, Outcome.UNKNOWN),
    ],
)
def test_the_account_in_charge_manages_all_root_users(
    in_charge: bool | Unread, managed: bool | Unread, expected: Outcome
) -> None:
    """Only that account is asked, and what was not read is not decided."""
    assert outcome(CHECK, fact(Organization, in_charge=in_charge, root_managed=managed)) is expected
