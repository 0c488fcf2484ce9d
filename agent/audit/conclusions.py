"""What an evaluation can say of one control over a period."""

from __future__ import annotations

from enum import StrEnum


class Conclusion(StrEnum):
    """How a control operated, as the engine reads the evidence; the auditor decides."""

    EFFECTIVE = "effective"
    EFFECTIVE_WITH_DEVIATIONS = "effective_with_deviations"
    UNABLE_TO_CONCLUDE = "unable_to_conclude"
    NOT_EFFECTIVE = "not_effective"
    NOT_OPERATED = "not_operated"
    """It never had to operate: no due instant, or a proven empty population."""
    EXPAND_SAMPLE = "expand_sample"
    """Interim: draw more of the same population before concluding."""
    EXPAND_TO_CENSUS = "expand_to_census"
    """Interim: test the whole population before concluding."""

    @property
    def interim(self) -> bool:
        """Whether this is a request for more tests, and no conclusion yet."""
        return self in {Conclusion.EXPAND_SAMPLE, Conclusion.EXPAND_TO_CENSUS}
