"""A firm that performs controls at events, with the default library in force, and the lists that it imports."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agent import attest, library
from agent import clock as agent_clock
from agent.attest import Claim
from agent.config import Settings
from agent.evaluation.events_accounts import PASSWORD
from agent.wiring import Wiring, wire
from storage import canon, seal
from storage.attachments import Attachment
from storage.engine import Store
from storage.rows import Key
from tests.agent.conftest import Said, say
from tests.conftest import JANUARY, Clock
from tests.storage.builders import HOUR, run

DAY = 24 * HOUR
FROM, TO = "2026-01-01", "2026-04-01"
END = agent_clock.parse(TO)
DRAWN = agent_clock.parse("2026-04-02")
"""When the lists were drawn, and imported."""
PEOPLE = "id,name,email,joined_at,left_at,accounts\n"
CHANGES = "id,system,kind,deployed_at,deployed_by\n"
APPROVALS = "id,change,decision,approved_by,approved_at\n"
EVENTS = "id,control,occurred_at,description\n"
INCIDENTS = "id,title,severity,detected_at,data_involved,controls\n"


class Firm:
    """A store with the default library in force since the first of January, and the command line on it."""

    def __init__(self, store: Store, clock: Clock, url: str, folder: Path) -> None:
        """Remember everything, and record the library."""
        self.store, self.clock, self._url, self.folder = store, clock, url, folder
        self.wiring: Wiring = wire(Settings())
        seal.append_policy(store, library.POLICY, library.body(self.wiring.library))

    def __call__(self, *words: str) -> Said:
        """Run one command."""
        return say(*words, "--database", self._url)

    def load(self, kind: str, rows: str, *words: str, at: int = DRAWN, counted: bool = True) -> None:
        """Import a list that was drawn at a moment, and counted against its source."""
        self.clock.time = max(self.clock.time, at)
        path = self.folder / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        os.utime(path, ns=(at * 1000, at * 1000))
        number = str(len(rows.strip().splitlines()) - 1)
        count = ("--rows", number) if counted else ()
        said = self("register", "import", kind, str(path), "--source", "S", "--performed-by", "Ana", *count, *words)
        assert said.code == 0, said.err

    def attest(self, control: str, item: str, at: str, **changes: Any) -> None:
        """Put a reviewed performance on record, whose file is of the moment that it claims."""
        when = agent_clock.parse(at)
        fields = {"performed_by": "Ana", "uploaded_by": "Ana", "reviewed_by": "Ben", "reviewed_at": when}
        trace = changes.pop("trace", when)
        claim = Claim(**{"control": control, "item": item, "performed_at": when, **fields, **changes})
        file = Attachment("proof.txt", "text/plain", trace, f"{control} {item} {at} {changes}".encode())
        attest.record(self.store, self.wiring, claim, [file])

    def asked(self, control: str, *words: str) -> dict[str, Any]:
        """The one segment of a control over the first quarter."""
        said = self("period", "--from", FROM, "--to", TO, "--control", control, "--json", *words)
        assert said.err == ""
        (found,) = said.json["controls"]
        (segment,) = found["segments"]
        return {**segment["people"], "notes": found["notes"], "word": found["conclusion"]}


def results(told: dict[str, Any]) -> dict[str, str]:
    """How each item went."""
    return {each["item"]: each["result"] for each in told["events"]["items"]}


def disposals(*days: str) -> str:
    """One asset a day that left."""
    return EVENTS + "".join(f"D{number},AC-15,{day},laptop\n" for number, day in enumerate(days, 1))


def changes(number: int, **kinds: str) -> str:
    """So many changes by Dev, one an hour."""
    return CHANGES + "".join(
        f"c{n},api,{kinds.get(f'c{n}', 'standard')},{agent_clock.iso(JANUARY + (n + 100) * HOUR)},Dev\n"
        for n in range(number)
    )


def approvals(number: int, **said: str) -> str:
    """Each of them approved by Eve before, unless this says otherwise; empty leaves the decision out."""
    rows = {f"c{n}": f"a{n},c{n},approved,Eve,{agent_clock.iso(JANUARY + n * HOUR)}" for n in range(number)} | said
    return APPROVALS + "".join(f"{row}\n" for row in rows.values() if row)


def said(**body: Any) -> bytes:
    """A document with this answer."""
    return canon.dumps({"body": body})


def read_daily(firm: Firm, changes_of: dict[int, dict[Key, bytes | None]], days: Iterable[int]) -> None:
    """One run at each midnight, each with what changed until then."""
    for day in days:
        firm.clock.time = JANUARY + day * DAY
        there = {password("root"): said(day=day)}
        run(firm.store, firm.clock, firm.clock.time, documents={**there, **changes_of.get(day, {})})


def password(name: str) -> Key:
    """The document that says whether a user has a password."""
    return Key(PASSWORD, f"arn:aws:iam::123456789012:user/{name}", "global", name)
