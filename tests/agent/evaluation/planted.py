"""Eighty days of a company, with facts planted that an evaluation has to find; one run a day, at midnight."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from agent import attest, library, waivers
from agent.attest import Claim
from agent.evaluation.periods import Evaluation, Question, evaluate
from agent.wiring import Wiring
from checks.controls import load
from checks.library import Control, DueRule, Frequency, Library, Policy
from checks.registry import all_checks
from checks.scope import choose
from collectors.registry import collectors_of
from storage import canon, seal
from storage.attachments import Attachment
from storage.engine import Store
from storage.rows import GapRow, Key, Outcome, Target
from tests.conftest import JANUARY, Clock
from tests.storage.builders import PROD, bucket, document, run

DAY = 86_400_000_000
DAYS = 80
END = JANUARY + DAYS * DAY
NEW = Target("aws", "acme/222222222222", "222222222222")
DEFAULT = load([], all_checks())
MFA, TLS, DISPOSAL = "identity.user_mfa", "encryption.object_store_tls", "audit_trail.log_disposal"
PROTECTION, ROTATION = "backup.database_deletion_protection", "encryption.secret_rotation"
OUTAGE = range(20, 23)
LISTED, ONBOARDED = 44, 54
REVIEWED, WAIVED, CHANGED = 50, 52, 61
NOT_ONBOARDED = GapRow(
    "ACCOUNT_NOT_ONBOARDED", "agent", "*", "*", None, "sts:AssumeRole", "sts:AssumeRole", "AccessDenied"
)


def daily(control: str, **changes: Any) -> Control:
    """A control of the default library, of medium severity and looked at daily, with these changes."""
    changed: dict[str, Any] = {"frequency": Frequency.DAILY, "severity": "medium", "params": {}, **changes}
    return replace(DEFAULT.controls[control], **changed)


def promises(protection_days: int = 7) -> Library:
    """Six controls of one check each; the days that one of them allows change in the course of the period."""
    late, strict = Policy.REMEDIATE_WITHIN_SLA, Policy.STRICT
    controls = [
        daily("AC-02", policy=late, sla_days=3, checks=(MFA,), approved_by="Carl Ciso"),
        daily("EN-05", policy=strict, checks=(TLS,)),
        daily("PI-06", policy=late, sla_days=protection_days, checks=(PROTECTION,)),
        daily("CF-03", policy=strict, checks=(DISPOSAL,)),
        daily("EN-06", policy=late, checks=(ROTATION,), approved_by="Carl Ciso"),
        replace(
            DEFAULT.controls["AC-10"],
            frequency=Frequency.QUARTERLY,
            due_rule=DueRule(days=0, fiscal_month=3),
            approved_by="Carl Ciso",
        ),
    ]
    digest = f"{protection_days:064x}"
    return Library({each.id: each for each in controls}, {}, digest, choose(categories=["security"]))


def wiring() -> Wiring:
    """The real checks and collectors, with the controls as they are at the end."""
    return Wiring(all_checks(), collectors_of("aws"), promises(3))


def thing(name: str) -> Key:
    """Something that is judged."""
    return Key("thing", name, "us-east-1", name)


PLANTED: dict[int, dict[tuple[str, str], Outcome | None]] = {
    0: {
        **{(MFA, f"user-{n}"): Outcome.PASS for n in range(8)},
        (MFA, "alice"): Outcome.PASS,
        (MFA, "bob"): Outcome.PASS,
        **{(TLS, f"bucket-{n}"): Outcome.PASS for n in range(3)},
        (TLS, "gone"): Outcome.PASS,
        **{(PROTECTION, f"db-{n}"): Outcome.PASS for n in range(10)},
        **{(DISPOSAL, f"log-{n}"): Outcome.PASS for n in range(5)},
        (ROTATION, "secret"): Outcome.PASS,
    },
    5: {(MFA, "alice"): Outcome.FAIL},
    7: {(MFA, "alice"): Outcome.PASS},
    10: {(MFA, "bob"): Outcome.FAIL},
    15: {(MFA, "bob"): Outcome.PASS},
    30: {(TLS, "gone"): Outcome.FAIL},
    33: {(TLS, "gone"): None},
    59: {(PROTECTION, "db-0"): Outcome.FAIL},
    64: {(PROTECTION, "db-0"): Outcome.PASS},
    50: {(DISPOSAL, "log-0"): Outcome.FAIL},
    60: {(DISPOSAL, "log-0"): Outcome.PASS},
}
"""Verdicts that change, by day."""


@dataclass(frozen=True, slots=True)
class Company:
    """A store with the planted history."""

    store: Store

    def ask(self, **question: object) -> Evaluation:
        """Evaluate the eighty days as of their end, or as this says otherwise."""
        asked = Question(**{"begins": JANUARY, "ends": END, "as_of": END, **question})  # type: ignore[arg-type]
        with self.store.read() as conn:
            return evaluate(conn, wiring(), asked)


def plant(store: Store, clock: Clock) -> None:
    """Write the history."""
    seal.append_policy(store, "schedule", canon.canonical({"every": 86_400}))
    accounts(store, "acme/111111111111")
    seal.append_policy(store, library.POLICY, library.body(promises()))
    for day in range(DAYS):
        clock.time = JANUARY + day * DAY
        if day in OUTAGE:
            continue
        if day == OUTAGE.stop:
            for missed in OUTAGE:
                seal.append_gap(store, PROD, JANUARY + missed * DAY, "AGENT_DOWN", "no run was started in this slot")
        if day == CHANGED:
            seal.append_policy(store, library.POLICY, library.body(promises(3)))
        if day == LISTED:
            accounts(store, "acme/111111111111", NEW.name)
        verdicts = {
            (check, thing(uid)): None if said is None else (said, str(said))
            for (check, uid), said in PLANTED.get(day, {}).items()
        }
        run(store, clock, clock.time, documents={bucket("a"): document("a")}, verdicts=verdicts)
        read_new(store, clock, day)
        if day == REVIEWED:
            review(store, clock)
        if day == WAIVED:
            waive(store, clock)
    clock.time = END


def read_new(store: Store, clock: Clock, day: int) -> None:
    """The account that the organization lists first, and that lets the agent in ten days later."""
    if LISTED <= day < ONBOARDED:
        run(store, clock, clock.time, NEW, gaps=[NOT_ONBOARDED])
    elif day >= ONBOARDED:
        first = {(ROTATION, thing("new secret")): (Outcome.PASS, "PASS")} if day == ONBOARDED else {}
        run(store, clock, clock.time, NEW, documents={bucket("n"): document("n")}, verdicts=first)


def accounts(store: Store, *names: str) -> None:
    """What the organization was found to have."""
    said = {"target": "acme", "accounts": list(names), "excluded": []}
    seal.append_policy(store, "organization acme", canon.canonical(said))


def review(store: Store, clock: Clock) -> None:
    """The quarter's review, done and looked at by somebody else on the same day."""
    claim = Claim(
        control="AC-10",
        performed_by="Ana Admin",
        performed_at=clock.time,
        uploaded_by="Ana Admin",
        reviewed_by="Carl Ciso",
        reviewed_at=clock.time,
    )
    file = Attachment("review.pdf", "application/pdf", clock.time, b"%PDF seen")
    attest.record(store, wiring(), claim, [file])


def waive(store: Store, clock: Clock) -> None:
    """An exception for what failed two days ago, dated back a week."""
    terms = waivers.Terms(
        control="CF-03",
        target="*",
        resource="log-0",
        reason="the archive is being moved",
        risk="logs stay too long",
        requested_by="Olga Owner",
        approved_by="Carl Ciso",
        approved_at=clock.time,
        valid_from=clock.time - 7 * DAY,
        valid_to=clock.time + 30 * DAY,
    )
    seal.append_statement(store, waivers.GRANTED, canon.canonical({"form": waivers.FORM, **asdict(terms)}))
