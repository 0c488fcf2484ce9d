"""The demo's networks at Google and what stands in them: firewalls, balancers, certificates, zones, clusters, apps."""

from __future__ import annotations

from typing import Any

from agent.demo.gcp_company import LINKS, REGION, Company, policy

ANYBODY = ["0.0.0.0/0"]


def build(company: Company) -> None:
    """Make everything that is reached over a network."""
    _networks(company)
    _balancers(company)
    _certificates(company)
    _zones(company)
    _clusters(company)
    _apps(company)
    _images(company)


def _networks(company: Company) -> None:
    own = "203.0.113.16/28"
    for name, logged, port, sources in (("main", True, "443", [own]), ("default", False, "22", ANYBODY)):
        subnet = f"{LINKS}/{company.p}/regions/{REGION}/subnetworks/{name}"
        link = company.compute("global", "networks", name, subnetworks=[subnet])
        said = {"logConfig": {"enable": True, "flowSampling": 0.5}} if logged else {}
        company.compute(f"regions/{REGION}", "subnetworks", name, network=link, purpose="PRIVATE", **said)
        rule = {"name": f"{name}-in", "priority": 1000, "direction": "INGRESS", "sourceRanges": sources}
        company.say(
            f"compute/compute/v1/~/global/networks/{name}/getEffectiveFirewalls",
            {"firewalls": [{**rule, "allowed": [{"IPProtocol": "tcp", "ports": [port]}]}]},
        )
    main = f"{LINKS}/{company.p}/global/networks/main"
    match = {"srcIpRanges": ANYBODY, "layer4Configs": [{"ipProtocol": "tcp", "ports": ["443"]}]}
    company.compute(
        f"regions/{REGION}",
        "firewallPolicies",
        "edge",
        associations=[{"name": "main", "attachmentTarget": main}],
        rules=[{"priority": 10, "direction": "INGRESS", "action": "allow", "match": match}],
    )
    names = {"id": "41", "name": "names", "enableLogging": True, "networks": [{"networkUrl": main}]}
    company.put("dns/dns/v1/~/policies", names)


def _balancers(company: Company) -> None:
    modern = company.compute("global", "sslPolicies", "modern", minTlsVersion="TLS_1_2", profile="MODERN")
    rules = [{"priority": 1000, "action": "deny(403)"}, {"priority": 2147483647, "action": "allow"}]
    armor = company.compute("global", "securityPolicies", "armor", rules=rules)
    logged = {"enable": True, "sampleRate": 1.0}
    app = company.compute("global", "backendServices", "app", securityPolicy=armor, logConfig=logged)
    old = company.compute("global", "backendServices", "old")
    assets = company.compute("global", "backendBuckets", "assets", bucketName="acme-website", edgeSecurityPolicy=armor)
    matcher = {"name": "assets", "defaultService": assets}
    shop = company.compute("global", "urlMaps", "shop", defaultService=app, pathMatchers=[matcher])
    redirect = company.compute("global", "urlMaps", "to-https", defaultUrlRedirect={"httpsRedirect": True})
    legacy = company.compute("global", "urlMaps", "legacy", defaultService=old)
    targets = {
        "shop": company.compute("global", "targetHttpsProxies", "shop", urlMap=shop, sslPolicy=modern),
        "shop-plain": company.compute("global", "targetHttpProxies", "shop-plain", urlMap=redirect),
        "legacy": company.compute("global", "targetHttpProxies", "legacy", urlMap=legacy),
        "mail": company.compute("global", "targetSslProxies", "mail", service=old),
    }
    for number, (name, port) in enumerate((("shop", 443), ("shop-plain", 80), ("legacy", 80), ("mail", 993))):
        company.compute(
            "global",
            "forwardingRules",
            name,
            target=targets[name],
            portRange=f"{port}-{port}",
            IPProtocol="TCP",
            loadBalancingScheme="EXTERNAL_MANAGED",
            IPAddress=f"203.0.113.{50 + number}",
        )
    kept = {"address": "203.0.113.50", "addressType": "EXTERNAL", "status": "IN_USE"}
    company.compute("global", "addresses", "shop", **kept)


def _certificates(company: Company) -> None:
    for name, ends in (("shop", 200), ("legacy", 9)):
        company.compute("global", "sslCertificates", name, type="SELF_MANAGED", expireTime=company.day(ends))
    company.put(
        "certificatemanager/v1/~/locations/-/certificates",
        {
            "name": company.at("global", "certificates/api"),
            "expireTime": company.day(70),
            "managed": {"state": "ACTIVE", "domains": ["api.acme.example"]},
        },
    )


def _zones(company: Company) -> None:
    weak = [{"keyType": each, "algorithm": "rsasha1"} for each in ("keySigning", "zoneSigning")]
    for name, said in (
        ("acme", {"visibility": "public", "dnssecConfig": {"state": "on"}}),
        ("acme-old", {"visibility": "public", "dnssecConfig": {"state": "on", "defaultKeySpecs": weak}}),
        ("acme-shop", {"visibility": "public"}),
        ("inside", {"visibility": "private"}),
    ):
        company.put("dns/dns/v1/~/managedZones", {"name": name, "dnsName": f"{name}.example.", **said})


def _clusters(company: Company) -> None:
    closed = {
        "privateClusterConfig": {"enablePrivateNodes": True, "enablePrivateEndpoint": True},
        "nodePools": [{"name": "all", "networkConfig": {"enablePrivateNodes": True}}],
    }
    opened = {
        "legacyAbac": {"enabled": True},
        "masterAuth": {"clientCertificateConfig": {"issueClientCertificate": True}},
        "nodePools": [{"name": "all"}],
    }
    for name, said in (("shop", closed), ("trial", opened)):
        company.put("container/v1/~/locations/-/clusters", {"name": name, "location": REGION, **said})


def _apps(company: Company) -> None:
    default = f"{company.number}-compute@developer.gserviceaccount.com"
    for name, ingress, robot in (("checkout", "internal-and-cloud-load-balancing", "web"), ("hooks", "all", "")):
        metadata = {
            "name": name,
            "namespace": company.number,
            "labels": {"cloud.googleapis.com/location": REGION},
            "annotations": {"run.googleapis.com/ingress": ingress},
        }
        acts_as = {"serviceAccountName": company.robot(robot)} if robot else {}
        service: dict[str, Any] = {"metadata": metadata, "spec": {"template": {"spec": acts_as}}}
        company.put("run/v1/~/locations/-/services", service)
    for name, generation, ingress, robot in (
        ("thumbnails", "GEN_2", "ALLOW_INTERNAL_ONLY", company.robot("web")),
        ("export", "GEN_1", "ALLOW_ALL", default),
    ):
        function = {
            "name": company.at(REGION, f"functions/{name}"),
            "environment": generation,
            "serviceConfig": {"ingressSettings": ingress, "serviceAccountEmail": robot},
        }
        company.put("cloudfunctions/v2/~/locations/-/functions", function)


def _images(company: Company) -> None:
    place = f"{company.p}/locations/{REGION}"
    company.put("artifactregistry/v1/~/locations", {"name": place, "locationId": REGION})
    repositories = []
    for name, scanned, puller in (
        ("apps", "SCANNING_ACTIVE", "group:engineers@acme.example"),
        ("samples", "SCANNING_DISABLED", "allUsers"),
    ):
        full = f"{place}/repositories/{name}"
        scanning = {"vulnerabilityScanningConfig": {"enablementState": scanned}}
        repositories.append({"name": full, "format": "DOCKER", **scanning})
        company.say(f"artifactregistry/v1/{full}:getIamPolicy", policy(("roles/artifactregistry.reader", (puller,))))
    company.below(f"artifactregistry/v1/{place}/repositories", "repositories", *repositories)
