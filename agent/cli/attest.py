"""`proofkeep attest`: put manual evidence on record, see all that was ever recorded, take its files out again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.cli.options import INSTANT, Given, common, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.attest import Attestation
    from storage.attachments import Attachment


class _Record(click.Group):
    """A group in which a control stands for `record` and the control."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `record` before anything that is no command of the group."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["record", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Record, subcommand_metavar="CONTROL [OPTIONS] | COMMAND [ARGS]...")
def command() -> None:
    """Put manual evidence on record; list it; show it.

    `attest CONTROL ...` is short for `attest record CONTROL ...`.
    """


@command.command()
@click.argument("control")
@click.option(
    "--file", "paths", type=click.Path(path_type=Path), multiple=True, help="What shows it, of any type; repeatable."
)
@click.option("--performed-by", required=True, help="Who did it.")
@click.option("--performed-at", required=True, type=INSTANT, help="When it was done (ISO 8601, UTC).")
@click.option("--slot", default="", help="The occurrence that it is for: 2026, 2026-H1, 2026-Q1, 2026-03, 2026-03-14.")
@click.option("--item", default="", metavar="ID", help="The event that it is for: its id in the control's population.")
@click.option("--exception", default="", metavar="TEXT", help="What did not go as the control says; needs --item.")
@click.option("--incident", default="", metavar="ID", help="The incident that the exception led to, if it did.")
@click.option("--reviewed-by", default="", help="Who looked at it: somebody else.  Without a review it is unverified.")
@click.option("--reviewed-at", type=INSTANT, help="When it was reviewed; default with --reviewed-by: now.")
@click.option("--note", default="", help="What it shows.")
@click.option("--expires", type=INSTANT, help="First moment at which it shows nothing any more.")
@click.option("--inquiry", is_flag=True, help="There is only somebody's word, which alone makes no control effective.")
@click.option("--shows-url", default="", help="For a picture: the address that it was taken of.")
@click.option("--shows-time", default="", help="For a picture: the time that is to be seen in it.")
@click.option("--shows-account", default="", help="For a picture: the account that is to be seen in it.")
@click.option("--supersedes", default="", metavar="ID", help="The attestation that it takes the place of.")
@common
def record(
    given: Given,
    control: str,
    paths: tuple[Path, ...],
    performed_by: str,
    performed_at: int,
    slot: str,
    item: str,
    exception: str,
    incident: str,
    reviewed_by: str,
    reviewed_at: int | None,
    note: str,
    expires: int | None,
    inquiry: bool,
    shows_url: str,
    shows_time: str,
    shows_account: str,
    supersedes: str,
) -> None:
    """Put on record what somebody did for CONTROL, and the files that show it.

    Files are kept for good and to the byte: secrets in them are warned about, not taken out.  A time more than seven
    days before the earliest trace of the files is recorded, and does not count.
    """
    from agent import attest, checkpoints, clock, uploads  # noqa: PLC0415  # brings the store
    from agent.evaluation import seals  # noqa: PLC0415

    now = clock.now()
    claim = attest.Claim(
        control=control,
        performed_by=performed_by,
        performed_at=performed_at,
        uploaded_by=uploads.uploader(),
        reviewed_by=reviewed_by,
        reviewed_at=now if reviewed_by and reviewed_at is None else reviewed_at,
        slot=slot,
        item=item,
        exception=exception,
        incident=incident,
        note=note,
        expires=expires,
        inquiry=inquiry,
        shows_url=shows_url,
        shows_time=shows_time,
        shows_account=shows_account,
        supersedes=supersedes,
    )
    wiring = given.wiring()
    files = uploads.read_all(paths, now)
    claim = attest.checked(claim, wiring, files, now)
    with given.store() as store:
        checkpoints.refuse_rollback(store, given.settings())
        with store.read() as conn:
            seals.ask_why(conn, claim.performed_at, claim.note)
        recorded = attest.record(store, wiring, claim, files)
    warn_of_secrets(files)
    for sentence in _weaknesses(recorded):
        click.echo(f"proofkeep: warning: {recorded.id} {sentence}", err=True)
    if given.as_json:
        print_json(recorded.to_json(now))
    else:
        size = sum(file.bytes for file in recorded.files)
        click.echo(
            f"{recorded.id} is on record for {control} (ledger entry {recorded.seq}): "
            f"{len(recorded.files)} files, {size} bytes"
        )


def warn_of_secrets(files: Sequence[Attachment]) -> None:
    """Say which files look as if they held a secret: they are kept as they are."""
    from agent import uploads  # noqa: PLC0415

    for file in files:
        if rules := uploads.secrets(file):
            click.echo(
                f"proofkeep: warning: {file.name}: looks as if it held a secret ({', '.join(rules)}), and is kept as "
                "it is; change that secret",
                err=True,
            )


def _weaknesses(one: Attestation) -> list[str]:
    """A sentence for each weakness."""
    from agent import clock  # noqa: PLC0415
    from agent.attest import PARAMETERS, Weakness  # noqa: PLC0415

    sentences = {
        Weakness.BACKDATED: f"does not count: it claims {clock.iso(one.performed_at)}, more than "
        f"{PARAMETERS.backdating_days} days before the earliest trace of it, {clock.iso(one.trace)}",
        Weakness.INQUIRY: "is inquiry alone, which never makes a control effective; add what shows it",
        Weakness.NOT_REVIEWED: "is unverified until somebody else reviews it; record it again with --reviewed-by and "
        f"--supersedes {one.id}",
        Weakness.PICTURE: "has a picture, which is of low reliability; prefer an export",
    }
    return [sentences[weakness] for weakness in one.weaknesses]


@command.command("list")
@click.option("--control", help="Only those for this control.")
@click.option("--all", "everything", is_flag=True, help="Also those that expired or were superseded.")
@common
def list_(given: Given, control: str | None, everything: bool) -> None:
    """Every attestation in force; with --all, every one that was ever recorded."""
    from agent import attest  # noqa: PLC0415  # brings the store

    with given.store() as store:
        now = store.now()
        with store.read() as conn:
            found = [one for one in attest.load(conn) if control in (None, one.control)]
    shown = [one for one in found if everything or one.state(now) is attest.State.IN_FORCE]
    if given.as_json:
        print_json([one.to_json(now) for one in shown])
    else:
        _show(shown, now, hidden=len(found) - len(shown))


def _show(shown: list[Attestation], now: int, *, hidden: int) -> None:
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line, table  # noqa: PLC0415

    columns = ("id", "state", "counts", "control", "slot, item", "performed", "reviewed", "files", "weaknesses", "note")
    table(
        columns,
        [
            (
                one.id,
                one.state(now),
                "yes" if one.counts else "no",
                one.control,
                f"{one.about} (exception)" if one.exception else one.about,
                f"{clock.iso(one.performed_at)[:19]}Z by {one.performed_by}",
                "" if one.reviewed_at is None else f"{clock.iso(one.reviewed_at)[:19]}Z by {one.reviewed_by}",
                len(one.files),
                ", ".join(one.weaknesses),
                one.note,
            )
            for one in shown
        ],
    )
    states = Counter(one.state(now).value for one in shown)
    counted = ", ".join(f"{number} {state}" for state, number in states.items())
    line(
        f"{len(shown)} attestations"
        + (f": {counted}" if counted else "")
        + (f"; {hidden} more expired or were superseded, --all shows them" if hidden else "")
    )


@command.command()
@click.argument("identifier", metavar="ID")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write the files to, each hashed anew.")
@common
def show(given: Given, identifier: str, out: Path | None) -> None:
    """One attestation in full; with --out also its files.  ID: such as M-0001."""
    from agent import attest, uploads  # noqa: PLC0415  # brings the store
    from agent.cli.render import line  # noqa: PLC0415
    from storage import attachments  # noqa: PLC0415

    written: list[Path] = []
    with given.store() as store:
        now = store.now()
        one = attest.find(store, identifier)
        if out is not None:
            with store.read() as conn:
                contents = attachments.contents(conn, one.files)
            written = uploads.write(out, one.id, zip(one.files, contents, strict=True))
    told = one.to_json(now)
    if given.as_json:
        print_json({**told, "written": [str(path) for path in written]})
        return
    for name, value in told.items():
        if name != "files" and value not in ("", None):
            line(f"{name:>16}  {', '.join(value) if isinstance(value, list) else value}")
    for file in told["files"]:
        line(f"{'file':>16}  {file['name']}, {file['bytes']} bytes, modified {file['modified']}")
        line(f"{'sha256':>16}  {file['sha256']}")
    for path in written:
        line(f"{'written':>16}  {path}")
