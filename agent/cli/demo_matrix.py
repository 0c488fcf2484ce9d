"""The control matrix with the clouds side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.standing import Finding
    from agent.wiring import Wiring

CLOUDS = {"aws": "AWS", "azure": "Azure", "gcp": "Google"}


def show_clouds(wiring: Wiring, found: Iterable[Finding]) -> None:
    """Print where each control stands in each cloud: its state, and how much passes and fails there.

    A control that no check serves stands alike in all of them.
    """
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from agent.cli.render import console, line, printable, word  # noqa: PLC0415
    from agent.standing import standing  # noqa: PLC0415
    from checks.api import Outcome  # noqa: PLC0415

    findings = list(found)
    stands = {cloud: standing([each for each in findings if each.cloud == cloud], wiring) for cloud in CLOUDS}
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("control", *CLOUDS.values()):
        drawn.add_column(column, no_wrap=column != "control")
    for control in wiring.library.controls.values():
        cells = []
        for each in stands.values():
            cell = Text()
            cell.append(word(each.controls[control.id]))
            counts = each.counts[control.id]
            if counts[Outcome.PASS] + counts[Outcome.FAIL] + counts[Outcome.UNKNOWN]:
                cell.append(f" {counts[Outcome.PASS]}/{counts[Outcome.FAIL]}/{counts[Outcome.UNKNOWN]}", style="dim")
            cells.append(cell)
        drawn.add_row(printable(f"{control.id} {control.title}"), *cells)
    console().print(drawn)
    line("Beside each state: how many findings are PASS, FAIL and UNKNOWN. `proofkeep controls` sorts by criterion.")
    line("States speak of automated checks only; what people do needs manual evidence. No state is an opinion.")
