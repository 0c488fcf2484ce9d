"""The demo's network in Azure and what answers to requests in it: gateways, Front Doors, web apps, clusters."""

from __future__ import annotations

from typing import Any

from agent.demo.azure_company import Company, guid

NETWORK = "Microsoft.Network"
FIREWALLS = "Microsoft.Network/frontDoorWebApplicationFirewallPolicies"
OFFICE = "203.0.113.16/28"


def build(company: Company) -> None:
    """Make networks, balancers, gateways and what stands behind them."""
    _guards(company)
    _networks(company)
    _names(company)
    _edge(company)
    _balancers(company)
    _gateway(company)
    _front_door(company)
    _classic_front_door(company)
    _apps(company)
    _containers(company)


def _guards(company: Company) -> None:
    for name, rules in (
        ("web", [_rule(100, "Allow", "Internet", "443")]),
        ("batch", [_rule(100, "Allow", OFFICE, "22"), _rule(200, "Allow", "*", "3389")]),
        ("spare", [_rule(100, "Allow", "*", "22")]),
    ):
        inside = _rule(65000, "Allow", "VirtualNetwork", "*")
        probes = _rule(65001, "Allow", "AzureLoadBalancer", "*")
        rest = _rule(65500, "Deny", "*", "*")
        used = {} if name == "spare" else {"subnets": [{"id": _subnet(company, name)}]}
        said = {"securityRules": rules, "defaultSecurityRules": [inside, probes, rest], **used}
        company.put(f"net/{NETWORK}/networkSecurityGroups/{name}", said)


def _rule(priority: int, access: str, source: str, port: str) -> dict[str, Any]:
    """A rule about inbound TCP."""
    said = {
        "priority": priority,
        "direction": "Inbound",
        "access": access,
        "protocol": "*" if port == "*" else "Tcp",
        "sourceAddressPrefix": source,
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": port,
    }
    return {"name": f"rule-{priority}", "properties": said}


def _subnet(company: Company, name: str) -> str:
    network = "main" if name == "web" else "batch"
    return company.id(f"net/{NETWORK}/virtualNetworks/{network}/subnets/{name}")


def _networks(company: Company) -> None:
    def subnet(name: str, guard: str) -> dict[str, Any]:
        group = {"id": company.id(f"net/{NETWORK}/networkSecurityGroups/{guard}")}
        id_ = _subnet(company, name)
        return {"id": id_, "name": name, "properties": {"networkSecurityGroup": group} if guard else {}}

    main = company.put(f"net/{NETWORK}/virtualNetworks/main", {"subnets": [subnet("web", "web")]})
    company.put(f"net/{NETWORK}/virtualNetworks/batch", {"subnets": [subnet("batch", "batch"), subnet("open", "")]})
    watcher = company.put(f"net/{NETWORK}/networkWatchers/westeurope", {"provisioningState": "Succeeded"})
    analysis = {"enabled": True, "workspaceResourceId": company.workspace}
    flows = {
        "targetResourceId": main,
        "storageId": company.archive,
        "enabled": True,
        "provisioningState": "Succeeded",
        "retentionPolicy": {"days": 400, "enabled": True},
        "flowAnalyticsConfiguration": {"networkWatcherFlowAnalyticsConfiguration": analysis},
    }
    company.put(f"{watcher}/flowLogs/main", flows)


def _names(company: Company) -> None:
    """Zones, and a policy that writes down what one of the networks looks up."""
    keys = [{"flags": flags, "protocol": 3, "securityAlgorithmType": 13, "keyTag": flags} for flags in (256, 257)]
    signed = company.put(f"net/{NETWORK}/dnsZones/acme.example", {"zoneType": "Public", "numberOfRecordSets": 12})
    company.put(f"{signed}/dnssecConfigs/default", {"provisioningState": "Succeeded", "signingKeys": keys})
    company.put(f"net/{NETWORK}/dnsZones/acme-blog.example", {"zoneType": "Public", "numberOfRecordSets": 3})
    policy = company.put(f"net/{NETWORK}/dnsResolverPolicies/watch", {"provisioningState": "Succeeded"})
    main = {"virtualNetwork": {"id": company.id(f"net/{NETWORK}/virtualNetworks/main")}}
    company.put(f"{policy}/virtualNetworkLinks/main", main)
    company.logs(policy, "DnsResponse")


def _edge(company: Company) -> None:
    """Firewalls, one with a policy and one without, and the ways in for administrators."""
    policy = company.put(f"net/{NETWORK}/firewallPolicies/edge", {"threatIntelMode": "Deny"})
    company.put(f"net/{NETWORK}/azureFirewalls/edge", {"firewallPolicy": {"id": policy}})
    company.put(f"net/{NETWORK}/azureFirewalls/old", {"threatIntelMode": "Alert"})
    for name, links in (("main", False), ("partners", True)):
        company.put(f"net/{NETWORK}/bastionHosts/{name}", {"enableShareableLink": links}, sku={"name": "Standard"})


def _address(company: Company, name: str, address: str, used_by: str, *zones: str) -> str:
    """A public address, which something answers to."""
    said = {"ipAddress": address, "ipConfiguration": {"id": used_by}} if used_by else {"ipAddress": address}
    return company.put(f"net/{NETWORK}/publicIPAddresses/{name}", said, zones=list(zones))


def _balancers(company: Company) -> None:
    id_ = company.id(f"net/{NETWORK}/loadBalancers/events")
    address = _address(company, "events", "198.51.100.7", f"{id_}/frontendIPConfigurations/front", "1", "2", "3")
    front = {"name": "front", "properties": {"publicIPAddress": {"id": address}}}
    company.put(id_, {"frontendIPConfigurations": [front]})
    inside = {"name": "front", "properties": {"privateIPAddress": "10.0.0.4"}}
    company.put(f"net/{NETWORK}/loadBalancers/inside", {"frontendIPConfigurations": [inside]})
    _address(company, "left-over", "198.51.100.9", "")


def _firewall(mode: str) -> dict[str, Any]:
    """A web firewall policy of a Front Door."""
    rules = {"managedRuleSets": [{"ruleSetType": "Microsoft_DefaultRuleSet", "ruleSetVersion": "2.1"}]}
    return {"policySettings": {"enabledState": "Enabled", "mode": mode}, "managedRules": rules}


def _gateway(company: Company) -> None:
    settings = {"state": "Enabled", "mode": "Prevention"}
    policy = company.put(
        f"web/{NETWORK}/ApplicationGatewayWebApplicationFirewallPolicies/shop",
        {"policySettings": settings, "managedRules": {"managedRuleSets": [{"ruleSetType": "OWASP"}]}},
    )
    id_ = company.id(f"web/{NETWORK}/applicationGateways/shop")
    address = _address(company, "shop", "198.51.100.8", f"{id_}/frontendIPConfigurations/front", "1", "2")

    def part(collection: str, name: str, **said: Any) -> dict[str, Any]:
        return {"id": f"{id_}/{collection}/{name}", "name": name, "properties": said}

    def link(collection: str, name: str) -> dict[str, str]:
        return {"id": f"{id_}/{collection}/{name}"}

    company.put(
        id_,
        {
            "firewallPolicy": {"id": policy},
            "sslPolicy": {"policyType": "Predefined", "policyName": "AppGwSslPolicy20220101"},
            "frontendIPConfigurations": [part("frontendIPConfigurations", "front", publicIPAddress={"id": address})],
            "frontendPorts": [part("frontendPorts", "tls", port=443), part("frontendPorts", "plain", port=80)],
            "httpListeners": [
                part("httpListeners", "shop", protocol="Https", frontendPort=link("frontendPorts", "tls")),
                part("httpListeners", "plain", protocol="Http", frontendPort=link("frontendPorts", "plain")),
            ],
            "redirectConfigurations": [
                part("redirectConfigurations", "up", targetListener=link("httpListeners", "shop"))
            ],
            "requestRoutingRules": [
                part("requestRoutingRules", "shop", httpListener=link("httpListeners", "shop")),
                part(
                    "requestRoutingRules",
                    "plain",
                    httpListener=link("httpListeners", "plain"),
                    redirectConfiguration=link("redirectConfigurations", "up"),
                ),
            ],
        },
        zones=["1", "2"],
    )
    company.logs(id_, "ApplicationGatewayAccessLog", "ApplicationGatewayFirewallLog")


def _front_door(company: Company) -> None:
    policy = company.put(f"web/{FIREWALLS}/edge", _firewall("Detection"))
    profile = company.put("web/Microsoft.Cdn/profiles/edge", {}, sku={"name": "Premium_AzureFrontDoor"})
    endpoint = company.put(f"{profile}/afdEndpoints/edge", {"enabledState": "Enabled", "hostName": "edge.azurefd.net"})
    domain = company.put(
        f"{profile}/customDomains/www",
        {"hostName": "www.acme.example", "tlsSettings": {"minimumTlsVersion": "TLS12"}},
    )
    route = {"supportedProtocols": ["Http", "Https"], "httpsRedirect": "Enabled"}
    company.put(f"{endpoint}/routes/all", route)
    guarded = {"domains": [{"id": domain}], "patternsToMatch": ["/*"]}
    said = {"type": "WebApplicationFirewall", "wafPolicy": {"id": policy}, "associations": [guarded]}
    company.put(f"{profile}/securityPolicies/edge", {"parameters": said})


def _classic_front_door(company: Company) -> None:
    policy = company.put(f"web/{FIREWALLS}/classic", _firewall("Prevention"))
    own = {
        "hostName": "blog.acme.example",
        "customHttpsConfiguration": {"minimumTlsVersion": "1.0"},
        "webApplicationFirewallPolicyLink": {"id": policy},
    }
    up = {
        "@odata.type": "#Microsoft.Azure.FrontDoor.Models.FrontdoorRedirectConfiguration",
        "redirectProtocol": "HttpsOnly",
    }
    rule = {"acceptedProtocols": ["Http"], "routeConfiguration": up}
    company.put(
        "web/Microsoft.Network/frontDoors/blog",
        {
            "enabledState": "Enabled",
            "frontendEndpoints": [{"name": "blog", "properties": own}],
            "routingRules": [{"name": "plain", "properties": rule}],
        },
    )


def _apps(company: Company) -> None:
    kept = {"minTlsVersion": "1.2", "ftpsState": "Disabled", "remoteDebuggingEnabled": False}
    office = {"ipAddress": OFFICE, "action": "Allow", "priority": 100, "name": "office"}
    loose = {"minTlsVersion": "1.0", "ftpsState": "AllAllowed", "remoteDebuggingEnabled": True}
    own = {"identity": {"type": "SystemAssigned", "principalId": guid("web-identity")}}
    for name, kind, https_only, config, more in (
        ("acme-shop", "app,linux", True, {**kept, "ipSecurityRestrictions": [office]}, own),
        ("acme-old", "app", False, loose, {}),
        ("acme-invoices", "functionapp,linux", True, kept, own),
    ):
        said = {"httpsOnly": https_only, "publicNetworkAccess": "Enabled", "state": "Running"}
        id_ = company.put(f"web/Microsoft.Web/sites/{name}", said, kind=kind, **more)
        company.put(f"{id_}/config/web", config)
        if name == "acme-shop":
            company.logs(id_, "AppServiceHTTPLogs")
    company.put("web/Microsoft.Web/certificates/www", {"expirationDate": company.day(200)})


def _containers(company: Company) -> None:
    company.put(
        "prod/Microsoft.ContainerService/managedClusters/acme",
        {
            "enableRBAC": True,
            "disableLocalAccounts": True,
            "apiServerAccessProfile": {"authorizedIPRanges": [OFFICE]},
            "agentPoolProfiles": [{"name": "system", "count": 3, "enableNodePublicIP": False}],
        },
    )
    company.put(
        "web/Microsoft.ContainerService/managedClusters/trial",
        {"enableRBAC": False, "agentPoolProfiles": [{"name": "system", "count": 1, "enableNodePublicIP": True}]},
    )
    closed = {"adminUserEnabled": False, "publicNetworkAccess": "Disabled"}
    company.put("prod/Microsoft.ContainerRegistry/registries/acme", closed, sku={"name": "Premium"})
    shared = {"adminUserEnabled": True, "anonymousPullEnabled": True, "publicNetworkAccess": "Enabled"}
    company.put("web/Microsoft.ContainerRegistry/registries/acmetrial", shared, sku={"name": "Standard"})
