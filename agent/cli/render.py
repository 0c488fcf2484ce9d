"""How answers look to people: tables, colors for outcomes, short ids.

Everything that comes from a cloud is printed as text, never as markup: names are chosen by whoever made the resource.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

STYLES = {
    "PASS": "green",
    "FAIL": "bold red",
    "UNKNOWN": "bold yellow",
    "ERROR": "bold magenta",
    "NOT_APPLICABLE": "dim",
    "MANUAL": "cyan",
    "NOT_AUTOMATED": "dim cyan",
    "complete": "green",
    "partial": "bold yellow",
}
PIPE_WIDTH = 200
"""Columns of a table that goes to a file or a pipe, where nobody's terminal sets them."""


def console(*, stderr: bool = False) -> Console:
    """The terminal, or a wide page when the output is piped."""
    from rich.console import Console  # noqa: PLC0415  # only commands that draw pay for it

    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal:
        made = Console(stderr=stderr, highlight=False, width=PIPE_WIDTH)
    return made


def word(value: object) -> Text:
    """An outcome or state in its color."""
    from rich.text import Text  # noqa: PLC0415

    text = printable(str(value))
    return Text(text, style=STYLES.get(text, ""))


def printable(text: str) -> str:
    """The text without control characters, which could rewrite the terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """Print rows under columns; cells that name an outcome are colored."""
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    drawn = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(word(cell) for cell in row))
    console().print(drawn)


def line(text: str = "", *, style: str = "") -> None:
    """Print one line of plain text."""
    from rich.text import Text  # noqa: PLC0415

    console().print(Text(text, style=style))
