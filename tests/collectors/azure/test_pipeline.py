"""How requests travel to Azure, and what becomes of the ones that fail."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import SUBSCRIPTION, TENANT, AzureEstate
from agent.demo.loopback_http import Fault
from agent.fetch import Limits, fetch_all
from collectors.api import Collector
from collectors.azure.kinds import of_subscription
from collectors.azure.provider import Azure, AzureAccess
from collectors.azure.session import Reader, claims
from collectors.azure.wire.pipeline import Pipeline
from collectors.azure.wire.policies import is_read
from collectors.errors import ConfigurationFault, ReadRefused, TargetUnreachable
from collectors.facts.core import Reason
from collectors.provenance import Member, Page
from collectors.rates import Rates
from collectors.web import fill

Access = Callable[..., AzureAccess]
THINGS = of_subscription("azure.test.thing", "Microsoft.Test/things", "2020-01-01")
PATH = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Test/things"


def fetch(azure: Reader) -> Any:
    """Every thing."""
    for thing in azure.listing(THINGS):
        yield azure.document(THINGS, thing["id"], thing)


COLLECTOR = Collector(
    id="azure.test",
    title="Things",
    scope="global",
    kinds=(THINGS,),
    emits={},
    source="none",
    fetch=fetch,
    shape=lambda _: iter(()),
)


@pytest.fixture
def page(access: Access, estate: AzureEstate) -> Callable[..., Page]:
    """`page()`: read three things, and return all that came of it."""
    for name in ("a", "b", "c"):
        estate.put(f"group/Microsoft.Test/things/{name}", properties={})

    def run(**changed: object) -> Page:
        provider = Azure(access(**changed))
        provider.identify()
        total = Page()
        for batch in fetch_all(provider, [(COLLECTOR, "global")], Limits(4)):
            for arrived in batch:
                total.absorb(arrived.page)
        return total

    return run


def test_a_call_is_recorded_with_all_its_pages(page: Callable[..., Page]) -> None:
    """Two pages, each with the provider's own request id."""
    (call,) = page().calls

    assert (call.service, call.operation) == ("Microsoft.Test", "things")
    assert (call.pages, call.items, call.attempts, call.complete) == (2, 3, 2, True)
    assert len(call.request_ids) == 2
    assert call.provider_date


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_call_that_is_refused_for_a_while_is_asked_again(
    page: Callable[..., Page], estate: AzureEstate, status: int
) -> None:
    """What helps is to ask again, no sooner than the provider says."""
    estate.faults.append(Fault("Microsoft.Test", status=status, times=1, retry_after=1))

    found = page()

    assert [document.body["name"] for document in found.documents] == ["a", "b", "c"]
    assert found.gaps == []
    assert found.calls[0].attempts == 3
    assert estate.early == []


def test_a_provider_that_wants_too_long_a_pause_is_not_asked_again(
    page: Callable[..., Page], estate: AzureEstate
) -> None:
    """Ten minutes are too long to wait, and sooner would be too early: a gap at once."""
    estate.faults.append(Fault("Microsoft.Test", status=429, retry_after=600))
    began = time.monotonic()

    (gap,) = page().gaps

    assert (gap.reason, gap.error) == (Reason.THROTTLED, "TooManyRequests")
    assert time.monotonic() - began < 5
    assert estate.early == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("Microsoft.Test", status=403), Reason.PERMISSION_DENIED),
        (Fault("Microsoft.Test", status=401), Reason.CREDENTIAL_EXPIRED),
        (Fault("Microsoft.Test", status=404), Reason.SERVICE_UNSUPPORTED),
        (Fault("Microsoft.Test", status=409, code="NoRegisteredProviderFound"), Reason.SERVICE_UNSUPPORTED),
        (Fault("Microsoft.Test", status=403, code="AadPremiumLicenseRequired"), Reason.LICENCE_MISSING),
        (Fault("Microsoft.Test", status=503), Reason.ACCOUNT_UNREACHABLE),
        (Fault("Microsoft.Test", status=400), Reason.PARTIAL_LISTING),
        (Fault("Microsoft.Test", status=204), Reason.PARTIAL_LISTING),
        (Fault("Microsoft.Test", kind="malformed"), Reason.PARTIAL_LISTING),
        (Fault("Microsoft.Test", kind="truncate"), Reason.PARTIAL_LISTING),
        (Fault("Microsoft.Test", kind="reset"), Reason.ACCOUNT_UNREACHABLE),
    ],
)
def test_each_failure_has_its_reason(
    page: Callable[..., Page], estate: AzureEstate, fault: Fault, reason: Reason
) -> None:
    """A gap that names operation and permission, and never what the provider wrote in prose."""
    estate.faults.append(fault)

    found = page()

    (gap,) = found.gaps
    assert (gap.reason, gap.operation, gap.permission) == (
        reason,
        "Microsoft.Test:things",
        "Microsoft.Test/things/read",
    )
    assert "example.com" not in gap.error
    assert found.listings == []
    assert found.calls[0].complete is False


def test_a_provider_that_was_never_registered_has_nothing(page: Callable[..., Page], estate: AzureEstate) -> None:
    """Azure makes nothing of it, so the listing is complete and empty."""
    estate.faults.append(Fault("Microsoft.Test", status=409, code="MissingSubscriptionRegistration"))

    found = page()

    assert (found.gaps, found.documents) == ([], [])
    assert [(listing.kind, listing.items) for listing in found.listings] == [(THINGS.name, 0)]
    assert found.calls[0].error == "MissingSubscriptionRegistration"


def test_a_second_page_that_says_so_is_a_gap(page: Callable[..., Page], estate: AzureEstate) -> None:
    """What was listed already contradicts it."""
    estate.faults.append(Fault("skiptoken", status=409, code="MissingSubscriptionRegistration"))

    (gap,) = page().gaps

    assert gap.reason is Reason.PARTIAL_LISTING


def test_a_page_at_another_address_is_not_followed(page: Callable[..., Page], estate: AzureEstate) -> None:
    """The token goes to no address that an answer makes up."""
    estate.answers[PATH.lower()] = {"value": [], "nextLink": "https://evil.example/next"}

    (gap,) = page().gaps

    assert gap.error.endswith("the answer goes on at another address")


def test_a_page_that_leads_to_itself_ends(page: Callable[..., Page], access: Access, estate: AzureEstate) -> None:
    """A provider that turns in circles does not hold up the run."""
    estate.answers[PATH.lower()] = {"value": [], "nextLink": f"{access().manager}{PATH}?api-version=2020-01-01"}

    (gap,) = page().gaps

    assert gap.error.endswith("a page that was read already")


@pytest.mark.parametrize("body", [[], {"value": None}, {"value": {}}, {"error": {"code": "Odd"}}])
def test_an_answer_without_its_list_is_malformed(page: Callable[..., Page], estate: AzureEstate, body: Any) -> None:
    """An answer that says OK and lacks what was asked for proves nothing."""
    estate.answers[PATH.lower()] = body if isinstance(body, dict) else {"items": body}

    (gap,) = page().gaps

    assert gap.reason is Reason.PARTIAL_LISTING
    assert "malformed answer" in gap.error


def test_only_reads_leave_this_machine(access: Access, estate: AzureEstate) -> None:
    """Anything else is stopped before it is sent."""
    azure = Azure(access())
    wire = azure.reader(COLLECTOR, "global", None)._place.manager  # type: ignore[arg-type]  # nothing is recorded
    for method, path in (("DELETE", PATH), ("PUT", PATH), ("POST", f"{PATH}/a/listKeys")):
        with pytest.raises(ReadRefused):
            wire.ask(method, f"{wire.base}{path}?api-version=2020-01-01", None, "*")

    assert estate.writes == []
    assert not any("microsoft.test" in call for call in estate.calls)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/anything", True),
        ("HEAD", "/anything", False),
        ("POST", "/providers/Microsoft.ResourceGraph/resources", True),
        ("POST", "/subscriptions/s/providers/Microsoft.PolicyInsights/policyStates/latest/summarize", True),
        ("POST", "/x/providers/Microsoft.Storage/storageAccounts/a/listKeys", False),
        ("POST", "/x/providers/Microsoft.ResourceGraph/resources/delete", False),
    ],
)
def test_what_counts_as_a_read(method: str, path: str, allowed: bool) -> None:
    """GET, and a short list of questions that are asked by POST."""
    assert is_read(method, f"https://host{path}?api-version=1") is allowed


def test_plain_http_is_for_loopback_only() -> None:
    """A token does not go over an open wire."""
    pipeline = Pipeline("http://10.0.0.1", None, scope="s", pool=1, attempts=1, rates=Rates({}))

    with pytest.raises(ReadRefused, match="loopback"):
        pipeline.ask("GET", "http://10.0.0.1/x", None, "*")


def test_calls_wait_for_their_turn(page: Callable[..., Page]) -> None:
    """Two pages at two calls a second, after the first second's worth: the limit counts each page."""
    began = time.monotonic()

    page(rates={"Microsoft.Test": 1.0})

    assert time.monotonic() - began > 0.9


@pytest.mark.parametrize("value", ["", "../../x", "a/../b", "a?b", "a#b"])
def test_a_value_cannot_lead_elsewhere(value: str) -> None:
    """What fills a path stays in its place."""
    with pytest.raises(ReadRefused):
        fill("/x/{id:path}/y", {"id": value})


def test_a_segment_takes_no_slash() -> None:
    """Only an id may have several segments."""
    assert fill("/x/{name}/{id:path}", {"name": "a/b c", "id": "d/e"}) == "/x/a%2Fb%20c/d/e"


def test_subscriptions_are_listed_to_the_end(access: Access, estate: AzureEstate) -> None:
    """Three subscriptions on two pages."""
    ids = [f"{number:08d}-0000-0000-0000-000000000000" for number in range(3)]
    estate.subscriptions = ids

    assert Azure(access(subscription="")).members() == tuple(map(Member, ids))


def test_a_management_group_has_only_its_subscriptions(access: Access, estate: AzureEstate) -> None:
    """Groups below it are no subscriptions."""
    below = [
        {"type": "Microsoft.Management/managementGroups", "name": "other"},
        {"type": "Microsoft.Management/managementGroups/subscriptions", "name": SUBSCRIPTION},
    ]
    estate.answers["/providers/microsoft.management/managementgroups/prod/descendants"] = below

    assert Azure(access(subscription="", group="prod")).members() == (Member(SUBSCRIPTION),)


def test_a_list_of_subscriptions_that_is_cut_off_is_no_list(access: Access, estate: AzureEstate) -> None:
    """The second page is refused, so nobody knows what there is."""
    estate.subscriptions = [f"{number:08d}-0000-0000-0000-000000000000" for number in range(3)]
    estate.faults.append(Fault(r"GET /subscriptions\?.*skiptoken"))

    with pytest.raises(TargetUnreachable) as caught:
        Azure(access(subscription="")).members()

    assert caught.value.reason is Reason.PERMISSION_DENIED
    assert caught.value.operation == "Microsoft.Resources/subscriptions/read"


def test_who_we_are_is_what_the_token_says(access: Access, estate: AzureEstate) -> None:
    """The subscription answers for itself, the token for the caller."""
    assert Azure(access()).identify().account == SUBSCRIPTION
    directory = Azure(access(subscription="")).identify()
    assert (directory.account, directory.caller) == (TENANT, "99999999-8888-7777-6666-555555555555")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"subscription": "00000000-0000-0000-0000-000000000009"}, "ResourceNotFound"),
        ({"tenant": "00000000-0000-0000-0000-000000000009"}, "the credentials are of tenant"),
        ({"manager": "https://127.0.0.1:9"}, "ServiceRequestError"),
    ],
)
def test_a_door_that_stays_shut(access: Access, changed: dict[str, str], said: str) -> None:
    """Nothing of the target can be read, and why is said in a word."""
    with pytest.raises(TargetUnreachable) as caught:
        Azure(access(**changed)).identify()

    assert said in caught.value.said


def test_without_credentials_nothing_is_read(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing secret is said to be one of credentials."""
    monkeypatch.delenv("AZURE_CLIENT_SECRET")

    with pytest.raises(TargetUnreachable) as caught:
        Azure(access()).identify()

    assert caught.value.reason is Reason.CREDENTIAL_EXPIRED


def test_credentials_that_are_none_are_the_operators_to_mend(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty secret is a mistake in the environment, not an answer of Azure."""
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "")

    with pytest.raises(ConfigurationFault, match="credentials of the environment"):
        Azure(access())


def test_an_id_that_is_none_is_refused_before_anything_is_asked() -> None:
    """The operator can fix it."""
    with pytest.raises(ConfigurationFault, match="write its 36 characters"):
        Azure(AzureAccess(tenant="contoso.com"))


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.!!!.c", "a.W10.c"])
def test_a_token_that_tells_nothing_tells_nothing(token: str) -> None:
    """An opaque token is no mistake."""
    assert claims(token) == {}
