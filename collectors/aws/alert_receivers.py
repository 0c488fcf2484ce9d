"""Whom an alarm or a rule tells: the subscribers of topics, and systems that are told directly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.api import Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Reason, Unread

SUBSCRIPTION = Kind("aws.sns.subscription", "sns", "ListSubscriptions", items="Subscriptions")

SYSTEMS = frozenset({"lambda", "sqs", "states", "ssm-incidents", "execute-api"})
"""Services that act on what they are told.  Scaling and restarting a machine tells nobody."""
IN_ALL = 6
"""Parts of an ARN, the resource last."""


def fetch(aws: Reader) -> Iterator[Document]:
    """Every subscription of the region that was confirmed; whoever did not answer hears nothing."""
    for each in aws.listing(SUBSCRIPTION):
        if str(each["SubscriptionArn"]).startswith("arn:"):
            # The address is a person's, or holds a token; nobody needs it to count.
            kept = {key: each[key] for key in ("SubscriptionArn", "TopicArn", "Protocol")}
            yield aws.document(SUBSCRIPTION, each["SubscriptionArn"], kept)


def receivers(docs: Documents, actions: Iterable[str]) -> int | Unread:
    """Number of receivers of all actions; what is unread matters only when nobody else is told."""
    counts = [receivers_of(docs, action) for action in dict.fromkeys(actions)]
    known = sum(each for each in counts if not isinstance(each, Unread))
    return known or next((each for each in counts if isinstance(each, Unread)), 0)


def subscriptions(docs: Documents, actions: Iterable[str]) -> list[Document]:
    """The subscriptions behind some actions."""
    topics = set(actions)
    return [each for each in docs.of(SUBSCRIPTION) if each.body["TopicArn"] in topics]


def receivers_of(docs: Documents, action: str) -> int | Unread:
    """Number of receivers of one action, by its ARN."""
    parts = action.split(":", IN_ALL - 1)
    if len(parts) < IN_ALL:
        return 0
    _, _, service, region, account, resource = parts
    if service == "sns":
        return _subscribers(docs, action, region, account)
    if service == "ssm":
        return int(resource.startswith("opsitem"))
    if service == "events":
        return int(resource.startswith("api-destination/"))
    return int(service in SYSTEMS)


def _subscribers(docs: Documents, topic: str, region: str, account: str) -> int | Unread:
    if account != docs.account:
        said = f"{topic} is in another account"
        return Unread(Reason.ACCOUNT_NOT_ONBOARDED, SUBSCRIPTION.call, SUBSCRIPTION.needs, said)
    if region not in docs.regions:
        said = f"{region} is not among the regions read in this run"
        return Unread(Reason.REGION_NOT_SCANNED, SUBSCRIPTION.call, SUBSCRIPTION.needs, said)
    return docs.complete(SUBSCRIPTION, region) or len(subscriptions(docs, (topic,)))
