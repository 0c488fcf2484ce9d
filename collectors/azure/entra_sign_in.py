"""Rules about what a sign-in takes: conditional access, and the security defaults for those who do without it."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import DIRECTORY, Collector, Document, Then
from collectors.azure import conditional_access as access
from collectors.azure.directory_objects import flag, id_of
from collectors.azure.kinds import graph
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.directory import EVERYONE, EVERYTHING, Clients, SignInRule

POLICY = graph(
    "azure.entra.conditional_access",
    "/v1.0/identity/conditionalAccess/policies",
    "Policy.Read.All",
    items="value",
)
DEFAULTS = graph(
    "azure.entra.security_defaults", "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy", "Policy.Read.All"
)


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every policy, and whether the defaults are on."""
    yield Then(defaults, (), DEFAULTS.name)
    for policy in azure.listing(POLICY):
        yield azure.document(POLICY, id_of(policy), policy)


def defaults(azure: Reader) -> Iterator[Document]:
    """The switch of the security defaults."""
    yield from azure.read(DEFAULTS, defaults_uid(azure.account))


def defaults_uid(tenant: str) -> str:
    """Stands for the security defaults, whose own id is the same in every directory."""
    return f"{tenant}/security-defaults"


def shape(docs: Documents) -> Iterator[Fact]:
    """One rule per policy, and one for the security defaults."""
    uid = defaults_uid(docs.account)
    yield SignInRule(
        resource=docs.resource("sign_in_rule", uid, "Security defaults", DIRECTORY),
        documents=docs.about(uid),
        enforced=docs.value(DEFAULTS, uid, lambda body: flag(body, "isEnabled")),
        # What they do is the same everywhere: all users register and use a second factor, administrators and
        # whoever reaches the management API always do, and old protocols get no answer.
        # Microsoft Entra documentation, Security defaults in Microsoft Entra ID.
        covers=(EVERYONE,),
        applications=(EVERYTHING,),
        exceptions=(),
        only_when=(),
        clients=(Clients.MODERN, Clients.LEGACY),
        demands_mfa=True,
        blocks=False,
    )
    for policy in docs.of(POLICY):
        yield SignInRule(
            resource=docs.resource("sign_in_rule", policy.uid, str(policy.body.get("displayName")), DIRECTORY),
            documents=docs.about(policy.uid),
            enforced=docs.field(POLICY, policy, access.enforced),
            covers=docs.field(POLICY, policy, access.covers),
            applications=docs.field(POLICY, policy, access.applications),
            exceptions=docs.field(POLICY, policy, access.exceptions),
            only_when=docs.field(POLICY, policy, access.only_when),
            clients=docs.field(POLICY, policy, access.clients),
            demands_mfa=docs.field(POLICY, policy, access.demands_mfa),
            blocks=docs.field(POLICY, policy, access.blocks),
        )


COLLECTOR = Collector(
    id="azure.entra_sign_in",
    title="Conditional access and security defaults",
    scope="directory",
    kinds=(POLICY, DEFAULTS),
    emits={SignInRule: POLICY},
    source="Microsoft Graph v1.0: conditionalAccessPolicy, identitySecurityDefaultsEnforcementPolicy",
    fetch=fetch,
    shape=shape,
)
