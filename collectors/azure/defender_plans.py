"""Plans and settings of Defender for Cloud: what the provider watches for attacks, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import is_on, name_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import ProtectionPlan
from collectors.facts.monitoring import ThreatDetector

SECURITY = "Microsoft.Security"
PLANS_VERSION = "2024-01-01"
SETTINGS_VERSION = "2022-05-01"
AGENTS_VERSION = "2017-08-01-preview"

PLAN = of_subscription(
    "azure.security.pricing",
    f"{SECURITY}/pricings",
    PLANS_VERSION,
    volatile=("properties.freeTrialRemainingTime",),
)
SETTING = of_subscription("azure.security.setting", f"{SECURITY}/settings", SETTINGS_VERSION)
AGENT = of_subscription("azure.security.auto_provisioning", f"{SECURITY}/autoProvisioningSettings", AGENTS_VERSION)

INTEGRATIONS = ("MCAS", "WDATP")
"""Settings that share what Defender for Cloud sees with Defender for Cloud Apps and Defender for Endpoint."""
AGENTS = "AutoProvisioning"
"""Our name for the settings that install the log agent on machines."""
POSTURE = ("CloudPosture", "Discovery", "FoundationalCspm")
"""Plans that rate settings and look for no attacks."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every plan, every setting, and whether agents are installed on machines."""
    for kind in (PLAN, SETTING, AGENT):
        for item in azure.listing(kind):
            yield azure.document(kind, uid_of(item), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per plan and per integration, one for the agents, and whether anything is watched at all."""
    for plan in docs.of(PLAN):
        yield ProtectionPlan(
            resource=docs.resource("protection_plan", plan.uid, name_of(plan.body), "global"),
            documents=docs.about(plan.uid),
            enabled=docs.field(PLAN, plan, bought),
            covers_all=docs.field(PLAN, plan, covers_all),
            parts=docs.field(PLAN, plan, parts),
            superseded_by=docs.field(PLAN, plan, successors),
        )
    for name in INTEGRATIONS:
        yield _switch(docs, SETTING, name, lambda body: is_on(properties(body)["enabled"]))
    yield _switch(docs, AGENT, "default", lambda body: is_on(properties(body)["autoProvision"]), AGENTS)
    yield _detector(docs)


def bought(plan: Body) -> bool:
    """The paid tier: the free one only rates settings."""
    return {"standard": True, "free": False}[str(properties(plan)["pricingTier"]).lower()]


def covers_all(plan: Body) -> bool:
    """No resource has a tier of its own that differs.  Azure says nothing of it where resources can have none."""
    return str(properties(plan).get("resourcesCoverageStatus", "FullyCovered")).lower() == "fullycovered"


def parts(plan: Body) -> tuple[str, ...]:
    """Extensions that are on; a plan that offers none has no list."""
    return tuple(sorted(each["name"] for each in properties(plan).get("extensions") or () if is_on(each["isEnabled"])))


def successors(plan: Body) -> tuple[str, ...]:
    """What took the place of a plan that Azure calls deprecated; only such a plan says so."""
    said = properties(plan)
    return tuple(said.get("replacedBy") or ("other plans",)) if said.get("deprecated", False) else ()


def _switch(docs: Documents, kind: Kind, name: str, on: Callable[[Body], bool], shown: str = "") -> ProtectionPlan:
    """A setting as a plan without parts.  One that a complete list lacks was never switched on."""
    uid = f"/subscriptions/{docs.account}/providers/{SECURITY}/{kind.operation}/{name}".lower()
    listed = any(each.uid == uid for each in docs.of(kind))
    return ProtectionPlan(
        resource=docs.resource("protection_plan", uid, shown or name, "global"),
        documents=docs.about(uid),
        enabled=docs.value(kind, uid, on) if listed else docs.complete(kind, "global") or False,
        covers_all=True,
        parts=(),
        superseded_by=(),
    )


def _detector(docs: Documents) -> ThreatDetector:
    """One plan that watches for attacks settles it; without one, whatever is unread might have been it."""
    plans = list(docs.of(PLAN))
    watching = [docs.field(PLAN, plan, watches) for plan in plans]
    unread = docs.complete(PLAN, "global") or next((on for on in watching if isinstance(on, Unread)), None)
    uid = f"/subscriptions/{docs.account}"
    return ThreatDetector(
        resource=docs.resource("threat_detector", uid, docs.account, "global"),
        documents=docs.about(uid, *plans),
        enabled=True in watching or unread or False,
    )


def watches(plan: Body) -> bool:
    """It is paid for, and looks for attacks."""
    return bought(plan) and name_of(plan) not in POSTURE


COLLECTOR = Collector(
    id="azure.defender_plans",
    title="Plans and settings of Defender for Cloud",
    scope="global",
    kinds=(PLAN, SETTING, AGENT),
    emits={ProtectionPlan: PLAN, ThreatDetector: None},
    source=f"Microsoft Defender for Cloud pricings {PLANS_VERSION}, settings {SETTINGS_VERSION}",
    fetch=fetch,
    shape=shape,
)
