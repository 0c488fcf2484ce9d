"""What alerts say: titles with their numbers, what changed first, the way to the evidence."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from agent.alerts import wording
from agent.alerts.message import ITEMS, Alert, Mark
from agent.alerts.states import CONTROL, GAP, PERMISSION, TARGET, TROUBLE, Subject
from agent.alerts.transitions import Context, Look
from tests.agent.alerts.estate import CHECKS
from tests.agent.alerts.scripts import HOUR, RULES, SUBJECT, Player, entry, look


def whole(script: str, now: int) -> Look:
    """A slot of a script under the ids that conditions give to resources."""
    short = look(script, now)
    parts = (short.failing, short.waived, short.ended)
    failing, waived, ended = ({f"toy.good thing {uid}": what for uid, what in part.items()} for part in parts)
    return Look(failing, waived, ended)  # type: ignore[arg-type]  # each part keeps its values


class Speaker(Player):
    """Plays slots and says what the alerts say."""

    def play(self, script: str | Look) -> str:
        """One slot."""
        return super().play(whole(script, self.now + HOUR) if isinstance(script, str) else script)

    def speak(self, script: str | Look, link: str = "") -> Alert:
        """The alert of one slot; there must be one."""
        self.play(script)
        context = Context(self.subject, self.now, self.now, RULES)
        said = wording.alert(self.steps[-1], self.subject, context, CHECKS, link)
        assert said is not None
        return said


def speaker(kind: str = CONTROL, head: str = SUBJECT.head) -> Speaker:
    """A condition of this kind."""
    control = "AC-02" if kind == CONTROL else ""
    return Speaker(subject=replace(SUBJECT, kind=kind, head=head, control=control, checks=("toy.good",)))


def ids(*uids: str) -> Look:
    """Failing things, by the ids that conditions give them."""
    return Look(failing={f"toy.good thing {uid}": entry(uid, 0) for uid in uids})


def test_nothing_is_said_about_a_step_without_a_change() -> None:
    """Most slots are silent."""
    player = Player()
    player.play("")
    assert wording.alert(player.steps[0], SUBJECT, Context(SUBJECT, 0, 0, RULES), CHECKS, "") is None


@pytest.mark.parametrize(
    ("kind", "head", "said"),
    [
        (
            CONTROL,
            "AC-02 Two factors",
            [
                "AC-02 Two factors: 1 finding started to fail",
                "AC-02 Two factors: 2 more findings fail, 3 in all",
                "AC-02 Two factors: 3 findings still fail",
                "AC-02 Two factors: no finding fails any more",
            ],
        ),
        (
            PERMISSION,
            "prod",
            [
                "prod: 1 permission is missing",
                "prod: 2 more permissions are missing, 3 in all",
                "prod: 3 permissions are still missing",
                "prod: no permission is missing any more",
            ],
        ),
        (
            GAP,
            "prod",
            [
                "prod: 1 read fails in every run",
                "prod: 2 more reads fail in every run, 3 in all",
                "prod: 3 reads still fail in every run",
                "prod: no read fails in every run any more",
            ],
        ),
        (
            TARGET,
            "prod",
            [
                "prod: nothing can be read",
                "prod: it got worse",
                "prod: nothing can be read, still",
                "prod: it can be read again",
            ],
        ),
        (
            TROUBLE,
            "the disk is full",
            [
                "the disk is full",
                "worse: the disk is full",
                "still: the disk is full",
                "over: the disk is full",
            ],
        ),
    ],
    ids=[CONTROL, PERMISSION, GAP, TARGET, TROUBLE],
)
def test_titles_say_what_happened_with_its_numbers(kind: str, head: str, said: list[str]) -> None:
    """Opened, worse, still and over, for each kind of condition."""
    talk = speaker(kind, head)
    titles = [talk.speak("a").title, talk.speak("a b c").title]
    talk.now += 23 * HOUR
    titles += [talk.speak("a b c").title, talk.speak("").title]
    assert titles == said


def test_titles_of_the_rarer_changes() -> None:
    """A waiver that ended, a control that became graver, all waived, coming and going, lasting."""
    talk = speaker()
    talk.play("~a ~b")
    assert talk.speak("a b").title == "AC-02 Two factors: 2 findings fail, and the waiver has ended"
    talk.graver()
    assert talk.speak("a b").title == "AC-02 Two factors: it is critical now, and 2 findings fail"
    talk.subject = replace(talk.subject, severity="low")
    waived = talk.speak("~a")
    assert waived.title == "AC-02 Two factors: all that still fails is waived, 1 finding"
    assert waived.severity == "critical"
    assert {item.name: item.mark for item in waived.items} == {"a": Mark.OPEN, "b": Mark.FIXED}
    talk = speaker()
    for slot in ("a", "", "a", ""):
        talk.play(slot)
    flapping = talk.speak("a")
    assert flapping.title == "AC-02 Two factors: it comes and goes, and 1 finding fails now"
    assert flapping.note == "nothing more is told of it until it has kept still for 1 d"
    talk = speaker(TARGET, "prod")
    talk.play("a")
    lasting = replace(whole("a", talk.now), stage=1)
    assert talk.speak(lasting).title == "prod: nothing was read for more than two intervals"


def test_notes_say_why_a_message_comes() -> None:
    """A reminder, the end of a snooze, what settled, what is restless, and what is only last known."""
    talk = speaker()
    talk.play("a b")
    talk.now += 23 * HOUR
    assert talk.speak("a ?b").note == (
        "1 of 2 could not be judged in this run and are as last known; told again, as nobody has acknowledged it"
    )
    talk.said("snooze", until=1)
    context = Context(talk.subject, talk.now + HOUR, talk.now + HOUR, RULES, None, talk.snooze)
    talk.play("a b")
    said = wording.alert(talk.steps[-1], talk.subject, context, CHECKS, "")
    assert said is not None
    assert said.note == "the snooze is over"
    talk = speaker()
    for slot in ("a b", "a", "a b", "a"):
        talk.play(slot)
    assert talk.speak("a b").note.startswith("some of it comes and goes; ")
    for slot in ("", "a", "", "a"):
        talk.play(slot)
    talk.now += 24 * HOUR
    assert talk.speak("a").note == "nothing has changed for 1 d"


def test_what_changed_comes_first_and_the_rest_is_counted() -> None:
    """New, then fixed, then what is still open; at most as many as an alert lists."""
    talk = speaker()
    talk.speak(ids(*(f"{number:02}" for number in range(30))))
    gone = {"toy.good thing 05": "05 is good"}
    said = talk.speak(replace(ids("99"), ended=gone))
    assert [(item.name, item.mark) for item in said.items[:2]] == [("99", Mark.NEW), ("05", Mark.FIXED)]
    assert (len(said.items), said.changed, said.failing) == (ITEMS, 2, 30)
    assert said.key == f"prod:AC-02/{talk.steps[-1].number}"


def test_commands_lead_to_the_evidence_and_are_quoted() -> None:
    """Whatever a resource is called, the shell sees one word."""
    nasty = "x'; rm -rf $HOME #\n\x07"
    said = speaker().speak(ids(nasty))
    assert said.commands[0] == "proofkeep findings --control AC-02 --outcome FAIL --target prod"
    assert shlex.split(said.commands[1]) == [
        "proofkeep", "evidence", "--control", "AC-02", "--resource", "x'; rm -rf $HOME #",
    ]  # fmt: skip
    assert said.remediation == ("Make it good.",)
    loose = Speaker(subject=replace(SUBJECT, condition="prod:toy.good", control=""))
    assert loose.speak(ids("a")).commands[0] == "proofkeep findings --check toy.good --outcome FAIL --target prod"


@pytest.mark.parametrize(
    ("kind", "condition", "commands"),
    [
        (TARGET, "org/1:target", ("proofkeep gaps --target org/1", "proofkeep doctor --target org")),
        (PERMISSION, "org/1:permission", ("proofkeep gaps --target org/1", "proofkeep doctor --target org")),
        (GAP, "org/1:gap", ("proofkeep gaps --target org/1",)),
        (TROUBLE, "verification", ("proofkeep verify",)),
        (TROUBLE, "org/1:stale", ("proofkeep status",)),
    ],
)
def test_commands_for_trouble_with_the_collection(kind: str, condition: str, commands: tuple[str, ...]) -> None:
    """Where to look when evidence does not arrive."""
    subject = replace(SUBJECT, kind=kind, condition=condition, target="org/1", control="")
    assert Speaker(subject=subject).speak("a").commands == commands


def test_the_link_is_the_companys_own_page() -> None:
    """Control and target are filled in, quoted for a URL; without an address there is no link."""
    subject = replace(SUBJECT, target="org/1 a")
    assert wording.address("https://wiki/{control}?t={target}", subject) == "https://wiki/AC-02?t=org%2F1%20a"
    assert speaker().speak("a").link == ""
    assert speaker().speak("a", "https://wiki/{control}").link == "https://wiki/AC-02"


def test_the_json_of_an_alert_survives() -> None:
    """What goes into the outbox is the alert that comes out."""
    said = speaker().speak("a b")
    assert Alert.from_json(said.to_json()) == said


def test_a_standing_condition_in_one_line() -> None:
    """As `alerts list` shows it, for each kind."""
    talk = speaker()
    talk.play("a")
    assert talk.state is not None
    heads: dict[str, Subject] = {kind: replace(SUBJECT, kind=kind, head="prod") for kind in (TARGET, PERMISSION, GAP)}
    heads |= {CONTROL: SUBJECT, TROUBLE: replace(SUBJECT, kind=TROUBLE, head="the disk is full")}
    assert {kind: wording.standing(replace(talk.state, subject=subject)) for kind, subject in heads.items()} == {
        CONTROL: "AC-02 Two factors: 1 finding fails",
        TARGET: "prod cannot be read",
        PERMISSION: "prod: 1 permission is missing",
        GAP: "prod: 1 read fails in every run",
        TROUBLE: "the disk is full",
    }
