"""Initiatives that are assigned to the subscription, and how many resources break their rules."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import arm, of_subscription
from collectors.azure.resources import name_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import BaselineCoverage, BaselineResult

ASSIGNMENTS = "Microsoft.Authorization/policyAssignments"
VERSION = "2020-09-01"
STATES = "Microsoft.PolicyInsights/policyStates"
STATES_VERSION = "2019-10-01"

ASSIGNMENT = of_subscription("azure.authorization.policy_assignment", ASSIGNMENTS, VERSION)
SUMMARY = arm(
    "azure.policy_insights.summary",
    STATES,
    "/subscriptions/{subscription}/providers/Microsoft.PolicyInsights/policyStates/latest/summarize",
    STATES_VERSION,
    permission="Microsoft.PolicyInsights/policyStates/summarize/read",
    post={},
    volatile=("*",),  # every answer holds the time at which it was asked for
)
INITIATIVE = "/policysetdefinitions/"
"""Part of the id of a set of rules; a single rule has another one."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every assignment in force at the subscription, wherever it was made, and the newest results of all of them."""
    for assignment in azure.listing(ASSIGNMENT):
        yield azure.document(ASSIGNMENT, uid_of(assignment), assignment)
    yield from azure.read(SUMMARY, azure.subscription_uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """What is assigned to the subscription as a whole, and one result per initiative."""
    subscription = f"/subscriptions/{docs.account}"
    named = [
        (assignment, docs.field(ASSIGNMENT, assignment, lambda body: rules_for(body, subscription)))
        for assignment in docs.of(ASSIGNMENT)
    ]
    unread = docs.complete(ASSIGNMENT, "global") or next((name for _, name in named if isinstance(name, Unread)), None)
    yield BaselineCoverage(
        resource=docs.resource("account", subscription, docs.account, "global"),
        documents=docs.about(subscription, *(assignment for assignment, _ in named)),
        assigned=unread or tuple(sorted(name for _, name in named if isinstance(name, str))),
    )
    for assignment, name in named:
        if name is None:
            continue
        yield BaselineResult(
            resource=docs.resource("baseline", assignment.uid, name_of(assignment.body), "global"),
            documents=docs.about(assignment.uid, *docs.of(SUMMARY)),
            failing=name
            if isinstance(name, Unread)
            else docs.value(SUMMARY, subscription, partial(failing, assignment=assignment.uid)),
        )


def rules_for(assignment: Body, subscription: str) -> str | None:
    """The name of an initiative that is in force for the whole subscription; None for anything less.

    Assignments without an `enforcementMode` are enforced: Azure's default.  In the other mode, rules are still
    evaluated but stop nothing; the results count all the same.
    """
    said = properties(assignment)
    scope = str(said["scope"]).lower()
    if INITIATIVE not in str(said["policyDefinitionId"]).lower():
        return None
    if scope.startswith("/subscriptions/") and scope != subscription:
        return None
    return str(said.get("displayName") or name_of(assignment))


def failing(body: Body, assignment: str) -> int:
    """How many resources break a rule of an assignment.  Raises ValueError for one that was not evaluated yet."""
    (summary,) = body["value"]
    for each in summary["policyAssignments"]:
        if str(each["policyAssignmentId"]).lower() == assignment:
            return int(each["results"]["nonCompliantResources"])
    raise ValueError(f"no result of {assignment}")


COLLECTOR = Collector(
    id="azure.policy_assignments",
    title="Policy assignments and their results",
    scope="global",
    kinds=(ASSIGNMENT, SUMMARY),
    emits={BaselineCoverage: None, BaselineResult: ASSIGNMENT},
    source=f"Azure Authorization resource provider {VERSION}; Azure Policy Insights {STATES_VERSION}",
    fetch=fetch,
    shape=shape,
)
