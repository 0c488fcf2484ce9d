"""App Service: web apps and function apps, who reaches them and how, and the certificates kept for them."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from collectors.address_sets import FOUR, NOTHING, PUBLIC, SIX, Spans, addresses, common, merged, networks, without
from collectors.api import Body, Collector, Document, Then
from collectors.azure.diagnostics import destination, settings_of
from collectors.azure.endpoints import is_public, tls_version
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents, when
from collectors.facts.apps import AppMaintenance, WebApp
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import Certificate
from collectors.facts.network import Listener

SITES = "Microsoft.Web/sites"
VERSION = "2023-12-01"

SITE = of_subscription(
    "azure.web.site",
    SITES,
    VERSION,
    volatile=(
        "properties.availabilityState",
        "properties.lastModifiedTimeUtc",
        "properties.outboundIpAddresses",
        "properties.possibleOutboundIpAddresses",
        "properties.usageState",
    ),
)
CONFIG = of_resource("azure.web.config", f"{SITES}/config", VERSION, below="config/web")
LOGS = settings_of("azure.web.logs")
CERTIFICATE = of_subscription("azure.web.certificate", "Microsoft.Web/certificates", VERSION)

REQUESTS = "AppServiceHTTPLogs"
"""The category of log entries with one line for each request."""
HTTP, HTTPS = 80, 443
_DATACENTERS = "azurecloud"


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every app with its configuration and its logs, then every certificate."""
    for site in azure.listing(SITE):
        uid = uid_of(site)
        yield azure.document(SITE, uid, site)
        yield Then(config, (uid,), f"{uid}/{CONFIG.operation}")
        if not is_function(site):
            yield Then(logs, (uid,), f"{uid}/{LOGS.operation}")
    for certificate in azure.listing(CERTIFICATE):
        yield azure.document(CERTIFICATE, uid_of(certificate), certificate)


def is_function(site: Body) -> bool:
    """It runs functions, or a workflow, which is one; every other app is a web app."""
    return "functionapp" in str(site.get("kind") or "").lower()


def config(azure: Reader, uid: str) -> Iterator[Document]:
    """The configuration of one app.  What is secret in it can only be asked for by another question."""
    yield from azure.read(CONFIG, uid, id=uid)


def logs(azure: Reader, uid: str) -> Iterator[Document]:
    """Where one app sends its logs."""
    yield from azure.gather(LOGS, uid, id=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """The app, the ways into it, and the certificates."""
    for site in docs.of(SITE):
        yield _app(docs, site)
        yield _maintenance(docs, site)
        yield from _listeners(docs, site)
    for certificate in docs.of(CERTIFICATE):
        yield Certificate(
            resource=docs.resource(
                "certificate", certificate.uid, name_of(certificate.body), place_of(certificate.body)
            ),
            documents=docs.about(certificate.uid),
            enabled=True,  # it cannot be switched off
            expires=docs.field(CERTIFICATE, certificate, lambda body: when(properties(body)["expirationDate"])),
        )


def _app(docs: Documents, site: Document) -> WebApp:
    uid, function = site.uid, is_function(site.body)
    return WebApp(
        resource=docs.resource("web_app", uid, name_of(site.body), place_of(site.body)),
        documents=docs.about(uid),
        what="function app" if function else "web app",
        open_ranges=_open_ranges(docs, site),
        identity=docs.field(SITE, site, identities),
        access_logged=None if function else docs.value(LOGS, uid, lambda body: destination(body, REQUESTS) is not None),
    )


def _maintenance(docs: Documents, site: Document) -> AppMaintenance:
    uid = site.uid
    return AppMaintenance(
        resource=docs.resource("web_app", uid, name_of(site.body), place_of(site.body)),
        documents=docs.about(uid),
        remote_debugging=docs.value(CONFIG, uid, lambda body: bool(properties(body)["remoteDebuggingEnabled"])),
        plain_file_transfer=docs.value(CONFIG, uid, plain_file_transfer),
    )


def _listeners(docs: Documents, site: Document) -> Iterator[Listener]:
    """Every app answers on both ports; it can only be told to redirect from the plain one."""
    uid, name, place = site.uid, name_of(site.body), place_of(site.body)
    yield Listener(
        resource=docs.resource("listener", f"{uid}/https", f"{name}:{HTTPS}", place),
        documents=docs.about(uid),
        protocol="HTTPS",
        port=HTTPS,
        tls_policy=docs.value(CONFIG, uid, lambda body: str(properties(body)["minTlsVersion"])),
        minimum_tls=docs.value(CONFIG, uid, lambda body: tls_version(properties(body)["minTlsVersion"])),
        only_redirects_to_tls=False,
    )
    yield Listener(
        resource=docs.resource("listener", f"{uid}/http", f"{name}:{HTTP}", place),
        documents=docs.about(uid),
        protocol="HTTP",
        port=HTTP,
        tls_policy=None,
        minimum_tls=None,
        only_redirects_to_tls=docs.field(SITE, site, lambda body: bool(properties(body)["httpsOnly"])),
    )


def identities(site: Body) -> tuple[str, ...]:
    """Object ids of the identities of an app, its own and those it shares.  One without any leaves them out."""
    said = site.get("identity") or {}
    shared = (said.get("userAssignedIdentities") or {}).values()
    own = [said["principalId"]] if "systemassigned" in str(said.get("type")).lower() else []
    return tuple(sorted({str(each).lower() for each in (*own, *(other["principalId"] for other in shared))}))


def plain_file_transfer(body: Body) -> bool:
    """Files can be sent over FTP without TLS.  Raises ValueError for a word that is not documented."""
    word = str(properties(body)["ftpsState"]).lower()
    if word not in {"allallowed", "ftpsonly", "disabled"}:
        raise ValueError(f"{word} is no way of transferring files")
    return word == "allallowed"


def _open_ranges(docs: Documents, site: Document) -> tuple[str, ...] | Unread:
    """Nobody gets in where the app has no public address; otherwise its rules decide."""
    public = docs.field(SITE, site, lambda body: is_public(properties(body)))
    if public is not True:
        return public if isinstance(public, Unread) else ()
    return docs.value(CONFIG, site.uid, admitted)


def admitted(body: Body) -> tuple[str, ...]:
    """Public networks from which an app takes requests: its rules are asked in turn, the lowest number first.

    Where none matches, the default action decides, or, unless it was set, whether there are rules at all: Azure App
    Service access restrictions.  A rule that asks for a header too denies nobody for sure.
    """
    said = properties(body)
    rules = sorted(said.get("ipSecurityRestrictions") or (), key=lambda each: int(each["priority"]))
    found: list[str] = []
    for version in (FOUR, SIX):
        left, allowed = PUBLIC[version], NOTHING
        for rule in rules:
            allows = str(rule["action"]).lower() == "allow"
            spans = _sources(rule, version, allows=allows)
            if allows:
                allowed = merged([*allowed, *common(left, spans)])
            elif rule.get("headers"):
                continue
            left = without(left, spans)
        default = str(said.get("ipSecurityRestrictionsDefaultAction") or ("Deny" if rules else "Allow")).lower()
        found += networks(version, merged([*allowed, *left]) if default == "allow" else allowed)
    return tuple(found)


def _sources(rule: Body, version: int, *, allows: bool) -> Spans:
    """The public addresses of a rule.  A rule for a subnet or for named services of Azure's has none.

    Azure's data centers are everybody who rents there, so that a rule that lets them in lets in all.
    """
    text = str(rule.get("ipAddress") or "").lower()
    if str(rule.get("tag") or "Default").lower() == "servicetag":
        everybody = text.partition(".")[0] == _DATACENTERS and allows
        return PUBLIC[version] if everybody else NOTHING
    if not text:
        if not rule.get("vnetSubnetResourceId"):
            raise KeyError("ipAddress")
        return NOTHING
    if text == "any":
        return PUBLIC[version]
    parsed = [ip_network(each.strip(), strict=False) for each in text.split(",")]
    return merged(addresses(each) for each in parsed if each.version == version)


COLLECTOR = Collector(
    id="azure.web_apps",
    title="Web apps, function apps and their certificates",
    scope="global",
    kinds=(SITE, CONFIG, LOGS, CERTIFICATE),
    emits={WebApp: SITE, AppMaintenance: SITE, Listener: SITE, Certificate: CERTIFICATE},
    source=f"Azure App Service {VERSION}; Azure Monitor diagnostic settings",
    fetch=fetch,
    shape=shape,
)
