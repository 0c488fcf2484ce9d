"""`proofkeep verify`: is everything still there, unchanged, and signed?

Recomputes the store from its bytes up.  What that can prove depends on what the verifier holds besides the
database: nothing (level 0), the public key (level 1), or a checkpoint that somebody else kept (level 2).
Only level 2 catches an owner of database and key who rewrites history.  No level catches evidence that was
false when it was collected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent import cycles
from agent.verification.caches import check_caches
from agent.verification.checkpoints import Held, Key, check_checkpoints, read_outside, read_stored
from agent.verification.contents import read_contents
from agent.verification.database import check_database, check_parsed_views
from agent.verification.inspection import Finding, Inspection, Progress
from agent.verification.log import read_log
from agent.verification.names import read_names
from agent.verification.replay import Replay
from agent.verification.slots import check_slots
from storage.engine import Store, open_store
from storage.errors import IntegrityError, StoreReadOnly

__all__ = ["Finding", "Progress", "Verdict", "verify", "verify_at"]

LEVELS = (
    "nothing from outside the database: it is consistent with itself",
    "a public key from outside: it was signed by the owner of that key",
    "a checkpoint from outside: it begins with the very entries that the checkpoint speaks of",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found, and how much it looked at."""

    findings: tuple[Finding, ...]
    level: int
    """0, 1 or 2: see `LEVELS`."""
    size: int = 0
    """Entries in the ledger."""
    root: str = ""
    """Recomputed root over all entries, in hexadecimal."""
    runs: int = 0
    resources: int = 0
    versions: int = 0
    results: int = 0
    gaps: int = 0
    contents: int = 0
    bytes: int = 0
    """Bytes of evidence that were inflated and hashed."""
    checkpoints: int = 0
    """Checkpoints kept in the database."""
    outside: int = 0
    """Checkpoints given from outside."""
    unchecked: tuple[str, ...] = ()
    """What this role may not look at: caches and views at most, never evidence."""

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


@cycles.unsearched()
def verify(
    store: Store,
    *,
    pubkeys: Sequence[str] = (),
    checkpoints: Sequence[str] = (),
    progress: Progress = lambda *_: None,
) -> Verdict:
    """Recompute everything in one snapshot and return all that is wrong.

    `pubkeys` are verifier keys (`name+keyid+base64`) and `checkpoints` the texts of signed notes, both from
    outside the database.  Raises NoteInvalid for a malformed public key; whatever else is malformed is a
    finding.
    """
    pinned = [Key.of(given) for given in pubkeys]
    level = 2 if checkpoints else 1 if pinned else 0
    with store.read() as conn:
        inspection = Inspection(conn, progress)
        verdict = _everything(inspection, pinned, checkpoints)
    if store.dialect == "postgresql":
        check_parsed_views(inspection, store)
    return replace(verdict, findings=inspection.findings(), level=level, unchecked=tuple(inspection.unchecked))


def verify_at(
    url: str,
    *,
    pubkeys: Sequence[str] = (),
    checkpoints: Sequence[str] = (),
    progress: Progress = lambda *_: None,
) -> Verdict:
    """Open the store at `url` and verify it; a file too damaged to open is a finding too.

    Raises StoreError for whatever an operator can mend, and NoteInvalid as `verify` does.
    """
    try:
        with open_store(url) as store:
            return verify(store, pubkeys=pubkeys, checkpoints=checkpoints, progress=progress)
    except IntegrityError as error:
        level = 2 if checkpoints else 1 if pubkeys else 0
        return Verdict((Finding("database", str(error)),), level)


def _everything(inspection: Inspection, pinned: Sequence[Key], given: Sequence[str]) -> Verdict:
    """Go through all stages; one whose tables cannot be read ends those that need it and no other."""
    inspection.attempt("database", lambda: check_database(inspection))
    names = inspection.attempt("identities", lambda: read_names(inspection))
    stored = inspection.attempt("checkpoint table", lambda: read_stored(inspection))
    held = Held(stored or (), read_outside(inspection, given))
    nothing = Verdict((), 0, checkpoints=len(held.stored), outside=len(given))
    if names is None:
        return nothing
    log = inspection.attempt("ledger", lambda: read_log(inspection, names, held.sizes()))
    if log is None:
        return nothing
    check_checkpoints(inspection, names, log, held, pinned)
    looked = replace(nothing, size=log.size, root=log.root.hex(), runs=len(log.runs))
    contents = inspection.attempt("contents", lambda: read_contents(inspection, names, log))
    if contents is None:
        return looked
    check_slots(inspection, names, log, contents)
    replay = Replay(inspection, names, log, contents)
    state = inspection.attempt("runs", replay.run_all)
    if state is not None:
        try:
            inspection.attempt("caches", lambda: check_caches(inspection, names, contents, state))
        except StoreReadOnly:
            inspection.unchecked.append("the caches: this role may not read them")
    return replace(
        looked,
        resources=len(names.resources),
        versions=replay.versions,
        results=replay.results,
        gaps=replay.gaps,
        contents=len(contents.hashes),
        bytes=contents.size,
    )
