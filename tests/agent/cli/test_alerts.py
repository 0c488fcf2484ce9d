"""`alerts`: what is open, whether receivers can be reached, and what people say to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent import clock
from agent.alerts.collection import Trouble
from agent.alerts.delivery import Delivery
from agent.alerts.watch import Watch
from agent.config import load
from agent.wiring import wire
from storage import outbox, reads
from storage.engine import Store, open_store
from storage.rows import Alerts, StatementRow
from tests.agent.alerts.messages import SECRET, alert, message
from tests.agent.conftest import Said, say
from tests.conftest import JANUARY
from tests.sinks import HOST, MailSink, Reply, WebhookSink, free_port, text_of

# Loading Apprise's services touches a module of the standard library that Python 3.13 no longer has.

HOUR = 3_600_000_000
ANCHOR = Trouble(kind="anchor", severity="high", title="the newest checkpoint is not anchored", reason="disk full")
STALE = Trouble(kind="stale", severity="medium", title="prod was not read", reason="no run", target="prod")
CRITICAL = Trouble(kind="verification", severity="critical", title="evidence was changed", reason="entry 3")


@dataclass(frozen=True, slots=True)
class Desk:
    """The command line, and the store behind it, at a time that the test sets."""

    file: Path
    database: str
    web: WebhookSink
    post: MailSink

    def __call__(self, *words: str) -> Said:
        """Say one `alerts` command."""
        return say("alerts", *words, "--config", str(self.file), "--database", self.database)

    def store(self) -> Store:
        """Open the store."""
        return open_store(self.database, clock=clock.now)

    def open(self, *troubles: Trouble) -> list[str]:
        """Open conditions; return the names of all that are open."""
        settings = load(self.file, database=self.database)
        watch = Watch(settings, wire(settings))
        with self.store() as store:
            for trouble in troubles:
                watch.trouble(store, trouble, failing=True)
        return [each["condition"] for each in self("list", "--json").json["conditions"]]

    def stated(self) -> list[StatementRow]:
        """What people said."""
        with self.store() as store, store.read() as conn:
            return reads.statements(conn, {"alert-ack", "alert-snooze"})

    def queue(self, route: str, *numbers: int) -> None:
        """Put messages into the outbox."""
        with self.store() as store, store.operate() as conn:
            outbox.queue(conn, store.now(), Alerts(messages=[message(route, alert(number)) for number in numbers]))

    def deliver(self) -> None:
        """Send what is due."""
        with self.store() as store:
            Delivery(load(self.file).alerts, store).deliver(clock.now())


@pytest.fixture
def set_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set the clock of the agent, in microseconds since the epoch."""

    def to(time: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: time)

    to(JANUARY)
    return to


@pytest.fixture
def desk(database_url: str, tmp_path: Path, set_time: Callable[[int], None]) -> Iterator[Desk]:
    """Two receivers, `hook` and `mail`, and nothing alerted yet."""
    with WebhookSink() as web, MailSink() as post:
        file = tmp_path / "proofkeep.toml"
        file.write_text(
            f"""
            [[alerts]]
            name = "hook"
            webhook = "{web.url}"
            secret = "{SECRET}"
            [[alerts]]
            name = "mail"
            url = "{post.url()}"
            severity = "critical"
            """,
            encoding="utf-8",
        )
        yield Desk(file, database_url, web, post)


def test_nothing_is_open(desk: Desk) -> None:
    """In words, and as empty lists."""
    said = desk("list")

    assert (said.code, said.out) == (0, "0 conditions are open\n")
    assert desk("list", "--json").json == {"conditions": [], "messages": []}


def test_open_conditions_are_listed(desk: Desk) -> None:
    """The worst first, with since when, and when it was told last."""
    names = desk.open(STALE, CRITICAL, ANCHOR)
    said = desk("list")
    listed = desk("list", "--json").json["conditions"]

    assert said.code == 0
    assert said.out.count("2026-01-01T00:00:00Z") >= 3
    for text in (*names, STALE.title, ANCHOR.title, "3 conditions are open", "hook: 3 to be sent, the first not tried"):
        assert text in said.out
    assert [each["severity"] for each in listed] == ["critical", "high", "medium"]
    assert listed[2]["target"] == "prod"
    assert {each["since"] for each in listed} == {"2026-01-01T00:00:00Z"}


def test_messages_that_wait_are_counted_by_receiver(desk: Desk) -> None:
    """To be sent, tried, given up; each one with --all; what was sent is not listed."""
    desk.queue("hook", 1, 2, 3)
    desk.queue("mail", 1)
    desk.web.replies = [Reply(410), Reply(503)]
    desk.deliver()
    said, every = desk("list").out, desk("list", "--all").out
    listed = desk("list", "--json").json["messages"]

    assert "hook: 2 to be sent, the first tried once, again at 2026-01-01T00:00:0" in said
    assert "Z, last: answered 503\n" in said
    assert "hook: 1 given up, last: answered 410" in said
    assert "mail" not in said
    assert "controls/prod/AC-09/1@hook" not in said
    assert "controls/prod/AC-09/1@hook" in every
    assert [(each["key"], each["state"], each["error"]) for each in listed] == [
        ("controls/prod/AC-09/1@hook", "failed", "answered 410"),
        ("controls/prod/AC-09/2@hook", "pending", "answered 503"),
        ("controls/prod/AC-09/3@hook", "pending", ""),
    ]


def test_receivers_are_tested(desk: Desk) -> None:
    """Each gets a message that says that nothing is wrong, whatever its filters; nothing enters the outbox."""
    said = desk("test")

    assert said.code == 0
    assert [line.split() for line in said.out.splitlines() if line.split()[1:]] == [["hook", "ok"], ["mail", "ok"]]
    assert desk.web.accepted[0].json["title"] == "TEST: alerts reach the receiver 'hook'; nothing is wrong"
    assert desk.post.mails[0]["Subject"] == "[low] TEST: alerts reach the receiver 'mail'; nothing is wrong"
    assert "Nothing has to be done." in text_of(desk.post.mails[0])
    assert desk("list", "--json").json["messages"] == []


def test_one_receiver_is_tested(desk: Desk) -> None:
    """The other hears nothing."""
    said = desk("test", "--route", "hook", "--json")

    assert (said.code, said.json) == (0, [{"route": "hook", "ok": True, "error": ""}])
    assert (len(desk.web.posts), desk.post.mails) == (1, [])


def test_a_receiver_that_cannot_be_reached(desk: Desk) -> None:
    """Why, exit code 2, the others are still tested, and no secret is shown."""
    desk.web.reply = Reply(401)
    said = desk("test")
    listed = desk("test", "--json")

    assert (said.code, listed.code) == (2, 2)
    assert [line.split() for line in said.out.splitlines() if line.split()[1:]] == [
        ["hook", "FAILED", "answered", "401"],
        ["mail", "ok"],
    ]
    assert listed.json[0] == {"route": "hook", "ok": False, "error": "answered 401"}
    assert SECRET not in said.out + said.err + listed.out


def test_a_wrong_address_is_not_shown(tmp_path: Path) -> None:
    """Only that it is wrong."""
    file = tmp_path / "proofkeep.toml"
    file.write_text(
        f"""
        [[alerts]]
        name = "chat"
        url = "slack://s3cret"
        [[alerts]]
        name = "hook"
        webhook = "http://{HOST}:{free_port()}/s3cret"
        secret = "{SECRET}"
        """
    )
    said = say("alerts", "test", "--config", str(file))

    assert said.code == 2
    assert "Apprise does not understand its url" in said.out
    assert "connection refused" in said.out
    assert "s3cret" not in said.out + said.err
    assert HOST not in said.out + said.err


def test_without_receivers_there_is_nothing_to_test(tmp_path: Path) -> None:
    """One line that says what to add."""
    (tmp_path / "empty.toml").write_text("")
    said = say("alerts", "test", "--config", str(tmp_path / "empty.toml"))

    assert (said.code, said.out) == (2, "")
    assert "add a table [[alerts]]" in said.err


def test_a_condition_is_acknowledged(desk: Desk) -> None:
    """On the record, by its full name; the list shows by whom."""
    (name, _) = desk.open(ANCHOR, STALE)
    said = desk("ack", name, "--by", "Ada", "--note", "disk ordered")
    (row,) = desk.stated()

    assert said.code == 0
    assert said.out == f"{name}: acknowledged (ledger entry {row.seq})\n"
    assert (row.kind, row.body) == (
        "alert-ack",
        b'{"by":"Ada","condition":%s,"note":"disk ordered"}' % json.dumps(name).encode(),
    )
    assert "acknowledged by Ada" in desk("list").out


def test_a_unique_beginning_is_enough(desk: Desk) -> None:
    """The name in full is what is kept."""
    (name, other) = desk.open(ANCHOR, STALE)
    end = next(place for place in range(1, len(name) + 1) if not other.startswith(name[:place]))
    said = desk("ack", name[:end], "--by", "Ada", "--note", "seen", "--json")

    assert said.code == 0
    assert said.json == {"entry": desk.stated()[0].seq, "condition": name}
    assert json.loads(desk.stated()[0].body)["condition"] == name


@pytest.mark.parametrize(
    ("words", "end"),
    [(("--for", "8h"), "2026-01-01T08:00:00Z"), (("--until", "2026-01-03"), "2026-01-03T00:00:00Z")],
)
def test_a_condition_is_snoozed(desk: Desk, words: tuple[str, ...], end: str) -> None:
    """For a while or until a time; the list shows until when."""
    (name,) = desk.open(ANCHOR)
    said = desk("snooze", name, *words, "--by", "Ada", "--note", "night")
    (row,) = desk.stated()

    assert said.out == f"{name}: snoozed until {end} (ledger entry {row.seq})\n"
    assert row.kind == "alert-snooze"
    assert json.loads(row.body) == {"condition": name, "by": "Ada", "note": "night", "until": end}
    assert f"until {end}" in desk("list").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ack", "nothing-like-it", "--by", "Ada", "--note", "x"), "no open condition has that name"),
        (("ack", "", "--by", "Ada", "--note", "x"), "no open condition has that name"),
        (("ack", "{near}", "--by", "Ada", "--note", "x"), "did you mean"),
        (("ack", "{name}", "--by", " ", "--note", "x"), "--by is empty"),
        (("ack", "{name}", "--by", "Ada", "--note", ""), "--note is empty"),
        (("ack", "{name}", "--note", "x"), "Missing option '--by'"),
        (("snooze", "{name}", "--by", "Ada", "--note", "x"), "give either --until or --for"),
        (("snooze", "{name}", "--by", "Ada", "--note", "x", "--for", "1h", "--until", "2027-01-01"), "give either"),
        (("snooze", "{name}", "--by", "Ada", "--note", "x", "--for", "soon"), "--for: 'soon' is not an interval"),
        (("snooze", "{name}", "--by", "Ada", "--note", "x", "--until", "2025-12-31"), "that moment has passed"),
        (("test", "--route", "hok"), "did you mean 'hook'"),
        (("retry", "--route", "hok"), "did you mean 'hook'"),
    ],
)
def test_bad_requests_are_refused(desk: Desk, words: tuple[str, ...], message: str) -> None:
    """One line that says what is wrong, exit code 2, and nothing on the record."""
    (name,) = desk.open(ANCHOR)
    said = desk(*(word.format(name=name, near=f"x{name}") for word in words))

    assert (said.code, said.out) == (2, "")
    assert message in said.err
    assert desk.stated() == []


def test_an_ambiguous_beginning_is_refused(desk: Desk) -> None:
    """With the conditions that it could mean."""
    names = desk.open(STALE, Trouble(kind="stale", severity="medium", title="x", reason="y", target="prod-2"))
    begin = names[0][: next(place for place, pair in enumerate(zip(*names, strict=False)) if len(set(pair)) > 1)]
    said = desk("ack", begin, "--by", "Ada", "--note", "x")

    assert said.code == 2
    assert all(name in said.err for name in names)


def test_what_was_given_up_is_sent_again(desk: Desk, set_time: Callable[[int], None]) -> None:
    """All of it or that of one receiver, once the receiver is mended."""
    desk.queue("hook", 1, 2)
    desk.queue("mail", 1)
    desk.web.replies = [Reply(410), Reply(404)]
    desk.deliver()
    none = desk("retry", "--route", "mail")
    set_time(JANUARY + HOUR)
    both = desk("retry", "--json")
    desk.deliver()

    assert none.out == "0 messages wait to be sent again\n"
    assert both.json == {"requeued": 2}
    assert [got.headers["Idempotency-Key"] for got in desk.web.accepted] == [
        "controls/prod/AC-09/1@hook",
        "controls/prod/AC-09/2@hook",
    ]
