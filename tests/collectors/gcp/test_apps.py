"""gcp.kubernetes_clusters, gcp.run_services, gcp.cloud_functions, gcp.artifact_registries"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import NUMBER, PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.apps import Cluster, ImageScanning, Registry, WebApp
from collectors.facts.core import Reason, Unread
from collectors.gcp import artifact_registries, cloud_functions, kubernetes_clusters, run_services
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
P = f"projects/{PROJECT}"
CLUSTERS = f"container/v1/{P}/locations/-/clusters"
SERVICES = f"run/v1/{P}/locations/-/services"
FUNCTIONS = f"cloudfunctions/v2/{P}/locations/-/functions"
PLACES = f"artifactregistry/v1/{P}/locations"
EVERYWHERE = ("0.0.0.0/0", "::/0")
LISTINGS = {
    kubernetes_clusters: (CLUSTERS, "clusters"),
    run_services: (SERVICES, "items"),
    cloud_functions: (FUNCTIONS, "functions"),
    artifact_registries: (PLACES, "locations"),
}
every_module = pytest.mark.parametrize("module", LISTINGS, ids=lambda each: each.COLLECTOR.id)


@every_module
def test_nothing_there_is_a_complete_listing(read: Read, estate: GcpEstate, module: Any) -> None:
    """Empty is proven: the answer leaves the list out."""
    path, key = LISTINGS[module]
    estate.answers[path] = Listed(key, [])

    reading = read(module.COLLECTOR)

    assert reading.page.gaps == []
    for type_, kind in module.COLLECTOR.emits.items():
        assert reading.facts(type_) == []
        assert reading.documents.complete(kind, "global") is None


@every_module
def test_a_refused_listing_leaves_its_population_unknown(read: Read, estate: GcpEstate, module: Any) -> None:
    """The gap names the operation and the permission."""
    kind = module.COLLECTOR.kinds[0]
    estate.faults.append(Fault(r"/locations"))

    reading = read(module.COLLECTOR)

    for bound in module.COLLECTOR.emits.values():
        unread = reading.documents.complete(bound, "global")
        assert unread is not None
        assert (unread.operation, unread.permission) == (kind.call, kind.needs)


def cluster(estate: GcpEstate, **said: Any) -> None:
    """A cluster of nodes with public addresses."""
    body = {"name": "prod", "location": "us-east1", "nodePools": [{"name": "default-pool"}], "masterAuth": {}, **said}
    estate.answers[CLUSTERS] = Listed("clusters", [body])


def limits(*blocks: str, google: bool = False) -> dict[str, Any]:
    """Networks that may reach the API."""
    return {
        "enabled": True,
        "gcpPublicCidrsAccessEnabled": google,
        "cidrBlocks": [{"cidrBlock": each} for each in blocks],
    }


@pytest.mark.parametrize(
    ("said", "ranges"),
    [
        ({}, ("0.0.0.0/0",)),
        ({"masterAuthorizedNetworksConfig": {}}, ("0.0.0.0/0",)),
        ({"masterAuthorizedNetworksConfig": limits("203.0.113.0/24", "10.0.0.0/8")}, ("203.0.113.0/24",)),
        ({"masterAuthorizedNetworksConfig": limits("203.0.113.0/24", google=True)}, ("0.0.0.0/0",)),
        ({"masterAuthorizedNetworksConfig": limits("0.0.0.0/0")}, ("0.0.0.0/0",)),
        ({"privateClusterConfig": {"enablePrivateEndpoint": True}}, ()),
        ({"controlPlaneEndpointsConfig": {"ipEndpointsConfig": {"enabled": False}}}, ()),
        ({"controlPlaneEndpointsConfig": {"ipEndpointsConfig": {"enabled": True, "enablePublicEndpoint": False}}}, ()),
        (
            {
                "controlPlaneEndpointsConfig": {
                    "ipEndpointsConfig": {"enabled": True, "authorizedNetworksConfig": limits("198.51.100.7/32")}
                }
            },
            ("198.51.100.7/32",),
        ),
    ],
)
def test_an_api_takes_requests_from(
    read: Read, estate: GcpEstate, said: dict[str, Any], ranges: tuple[str, ...]
) -> None:
    """Without limits from everywhere; whatever runs at Google is everybody."""
    cluster(estate, **said)

    found = read(kubernetes_clusters.COLLECTOR).fact(Cluster, "prod")

    assert found.api_open_ranges == ranges
    assert found.resource.uid == f"//container.googleapis.com/{P}/locations/us-east1/clusters/prod"


def test_a_limit_that_does_not_speak_of_google_is_unread(read: Read, estate: GcpEstate) -> None:
    """It may or may not let in all that runs there."""
    cluster(estate, masterAuthorizedNetworksConfig={"enabled": True, "cidrBlocks": []})

    assert isinstance(read(kubernetes_clusters.COLLECTOR).fact(Cluster, "prod").api_open_ranges, Unread)


@pytest.mark.parametrize(
    ("said", "public"),
    [
        ({}, True),
        ({"privateClusterConfig": {"enablePrivateNodes": True}}, False),
        ({"networkConfig": {"defaultEnablePrivateNodes": True}}, False),
        (
            {
                "privateClusterConfig": {"enablePrivateNodes": True},
                "nodePools": [{"name": "a"}, {"name": "b", "networkConfig": {"enablePrivateNodes": False}}],
            },
            True,
        ),
        ({"nodePools": [{"name": "a", "networkConfig": {"enablePrivateNodes": True}}]}, False),
    ],
)
def test_nodes_are_public_unless_told_otherwise(
    read: Read, estate: GcpEstate, said: dict[str, Any], public: bool
) -> None:
    """A pool decides before its cluster."""
    cluster(estate, **said)

    assert read(kubernetes_clusters.COLLECTOR).fact(Cluster, "prod").public_nodes is public


@pytest.mark.parametrize(
    ("said", "local", "roles"),
    [
        ({}, False, True),
        ({"masterAuth": {"username": "admin"}}, True, True),
        ({"masterAuth": {"clientCertificateConfig": {"issueClientCertificate": True}}}, True, True),
        ({"legacyAbac": {"enabled": True}}, False, False),
    ],
)
def test_old_ways_to_sign_in_are_told(
    read: Read, estate: GcpEstate, said: dict[str, Any], local: bool, roles: bool
) -> None:
    """A password, a certificate, and rights without roles."""
    cluster(estate, **said)

    found = read(kubernetes_clusters.COLLECTOR).fact(Cluster, "prod")

    assert (found.local_accounts, found.roles) == (local, roles)


def test_a_zone_of_clusters_that_was_not_reached_leaves_a_gap(read: Read, estate: GcpEstate) -> None:
    """What is there is missing from the list."""
    estate.answers[CLUSTERS] = {"clusters": [], "missingZones": ["us-east1-b"]}

    (gap,) = read(kubernetes_clusters.COLLECTOR).page.gaps

    assert gap.reason is Reason.PARTIAL_LISTING


def service(name: str, ingress: str | None, account: str | None = "robot@x.iam.gserviceaccount.com") -> dict[str, Any]:
    """A service as the older of its two interfaces answers it."""
    notes = {"serving.knative.dev/lastModifier": "somebody@example.com"}
    return {
        "metadata": {
            "name": name,
            "namespace": NUMBER,
            "labels": {"cloud.googleapis.com/location": "us-east1"},
            "annotations": notes | ({"run.googleapis.com/ingress": ingress} if ingress else {}),
        },
        "spec": {"template": {"spec": {"serviceAccountName": account} if account else {}}},
    }


@pytest.mark.parametrize(
    ("ingress", "ranges"),
    [(None, EVERYWHERE), ("all", EVERYWHERE), ("internal", ()), ("internal-and-cloud-load-balancing", ())],
)
def test_a_service_takes_requests_from(
    read: Read, estate: GcpEstate, ingress: str | None, ranges: tuple[str, ...]
) -> None:
    """From everywhere unless somebody said otherwise; who changed it last is not kept."""
    estate.answers[SERVICES] = {"items": [service("shop", ingress)]}

    reading = read(run_services.COLLECTOR)
    shop = reading.fact(WebApp, "shop")

    assert (shop.open_ranges, shop.access_logged) == (ranges, True)
    assert shop.identity == ("serviceAccount:robot@x.iam.gserviceaccount.com",)
    assert shop.resource.uid == f"//run.googleapis.com/{P}/locations/us-east1/services/shop"
    assert "somebody" not in json.dumps([dict(document.body) for document in reading.page.documents])


def test_a_service_without_an_account_acts_as_that_of_all_machines(read: Read, estate: GcpEstate) -> None:
    """Google's default."""
    estate.answers[SERVICES] = {"items": [service("shop", "all", None)]}

    identity = read(run_services.COLLECTOR).fact(WebApp, "shop").identity

    assert identity == (f"serviceAccount:{NUMBER}-compute@developer.gserviceaccount.com",)


def test_an_unknown_word_for_ingress_is_unread(read: Read, estate: GcpEstate) -> None:
    """It may be open."""
    estate.answers[SERVICES] = {"items": [service("shop", "some")]}

    assert isinstance(read(run_services.COLLECTOR).fact(WebApp, "shop").open_ranges, Unread)


def test_pages_of_services_are_read_to_the_end(read: Read, estate: GcpEstate) -> None:
    """The token of the next page lies where Kubernetes puts it; an answer that goes on for ever is a gap."""
    estate.answers[SERVICES] = {"items": [service("shop", "all")], "metadata": {"continue": "more"}}

    reading = read(run_services.COLLECTOR)

    (gap,) = reading.page.gaps
    assert gap.reason is Reason.PARTIAL_LISTING


@pytest.mark.parametrize(("generation", "logged"), [("GEN_1", None), ("GEN_2", True)])
@pytest.mark.parametrize(
    ("ingress", "ranges"), [("ALLOW_ALL", EVERYWHERE), ("ALLOW_INTERNAL_ONLY", ()), ("ALLOW_INTERNAL_AND_GCLB", ())]
)
def test_a_function_takes_requests_from(
    read: Read, estate: GcpEstate, generation: str, logged: bool | None, ingress: str, ranges: tuple[str, ...]
) -> None:
    """Both generations in one list."""
    body = {
        "name": f"{P}/locations/us-east1/functions/mail",
        "environment": generation,
        "serviceConfig": {"ingressSettings": ingress, "serviceAccountEmail": "robot@x.iam.gserviceaccount.com"},
    }
    estate.answers[FUNCTIONS] = Listed("functions", [body])

    mail = read(cloud_functions.COLLECTOR).fact(WebApp, "mail")

    assert (mail.what, mail.open_ranges, mail.access_logged) == ("function app", ranges, logged)
    assert mail.identity == ("serviceAccount:robot@x.iam.gserviceaccount.com",)


def repository(estate: GcpEstate, name: str, state: str, member: str, format_: str = "DOCKER") -> None:
    """A repository in the only place that there is."""
    place = f"{P}/locations/europe"
    estate.answers[PLACES] = Listed("locations", [{"name": place, "locationId": "europe"}])
    path = f"artifactregistry/v1/{place}/repositories"
    full = f"{place}/repositories/{name}"
    scanning = {"enablementState": state}
    listed = estate.answers.setdefault(path, Listed("repositories", []))
    listed.items.append({"name": full, "format": format_, "vulnerabilityScanningConfig": scanning})
    if format_ == "DOCKER":
        bindings = [{"role": "roles/artifactregistry.reader", "members": [member]}]
        estate.answers[f"artifactregistry/v1/{full}:getIamPolicy"] = {"bindings": bindings}


@pytest.mark.parametrize(
    ("state", "scanned"), [("SCANNING_ACTIVE", True), ("SCANNING_DISABLED", False), ("SCANNING_UNSUPPORTED", None)]
)
@pytest.mark.parametrize(("member", "anonymous"), [("allUsers", True), ("group:dev@example.com", False)])
def test_repository_settings_become_facts(
    read: Read, estate: GcpEstate, state: str, scanned: bool | None, member: str, anonymous: bool
) -> None:
    """What holds no images is left out."""
    repository(estate, "images", state, member)
    repository(estate, "wheels", state, member, "PYTHON")

    reading = read(artifact_registries.COLLECTOR)
    (registry,) = reading.facts(Registry)

    assert (registry.resource.name, registry.anonymous_pull, registry.shared_account) == ("images", anonymous, False)
    assert reading.fact(ImageScanning, "images").scanned is scanned


def test_a_refused_policy_leaves_its_repository_unread(read: Read, estate: GcpEstate) -> None:
    """Whether it is scanned is known all the same."""
    repository(estate, "images", "SCANNING_ACTIVE", "allUsers")
    estate.faults.append(Fault(r"getIamPolicy"))

    reading = read(artifact_registries.COLLECTOR)

    unread = reading.fact(Registry, "images").anonymous_pull
    assert isinstance(unread, Unread)
    assert unread.permission == "artifactregistry.repositories.getIamPolicy"
    assert reading.fact(ImageScanning, "images").scanned is True
