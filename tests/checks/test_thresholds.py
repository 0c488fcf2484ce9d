"""checks.thresholds"""

import pytest

from checks.thresholds import names, number


def test_a_number_is_given_as_it_was_set() -> None:
    """Whole numbers stay whole, so that reasons print 7 and not 7.0."""
    assert repr(number({"days": 7}, "days")) == "7"
    assert number({"days": 0.5}, "days") == 0.5


@pytest.mark.parametrize("value", ["7", ("7",)])
def test_anything_else_is_an_error_and_no_verdict(value: str | tuple[str, ...]) -> None:
    """A control that sets words where a number belongs is told which parameter is wrong."""
    with pytest.raises(TypeError, match="parameter days must be a number"):
        number({"days": value}, "days")


def test_a_list_is_given_as_it_was_set() -> None:
    """Empty or not."""
    assert names({"allowed": ()}, "allowed") == ()
    assert names({"allowed": ("a", "b")}, "allowed") == ("a", "b")


@pytest.mark.parametrize("value", ["a", 7])
def test_a_single_word_is_no_list(value: str | int) -> None:
    """A text would match every part of itself."""
    with pytest.raises(TypeError, match="parameter allowed must be a list"):
        names({"allowed": value}, "allowed")
