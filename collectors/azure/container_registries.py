"""Registries of container images: who reaches them, and who gets in without a name."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.endpoints import admitted, private_endpoints
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.apps import Registry
from collectors.facts.core import Fact
from collectors.facts.data_access import DataEndpoint

VERSION = "2023-07-01"

REGISTRY = of_subscription("azure.containerregistry.registry", "Microsoft.ContainerRegistry/registries", VERSION)
OLDEST_TLS = "1.2"
"""What every registry demands since 2020, and cannot be told otherwise: Azure Container Registry, TLS."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every registry."""
    for registry in azure.listing(REGISTRY):
        yield azure.document(REGISTRY, uid_of(registry), registry)


def shape(docs: Documents) -> Iterator[Fact]:
    """The network side and the accounts of each."""
    for registry in docs.of(REGISTRY):
        resource = docs.resource("registry", registry.uid, name_of(registry.body), place_of(registry.body))
        documents = docs.about(registry.uid)
        yield DataEndpoint(
            resource=resource,
            documents=documents,
            service="container registry",
            requires_tls=True,
            minimum_tls=OLDEST_TLS,
            open_ranges=docs.field(REGISTRY, registry, open_ranges),
            # The exception for "trusted services" lets in named services of Azure, not what customers run there.
            admits_provider=False,
            private_endpoints=docs.field(REGISTRY, registry, private_endpoints),
        )
        yield Registry(
            resource=resource,
            documents=documents,
            shared_account=docs.field(REGISTRY, registry, lambda body: bool(properties(body)["adminUserEnabled"])),
            # Off unless it was switched on: Azure's default.
            anonymous_pull=docs.field(
                REGISTRY, registry, lambda body: properties(body).get("anonymousPullEnabled") is True
            ),
        )


def open_ranges(body: Body) -> tuple[str, ...]:
    """Public networks from which it takes connections; only the dearest kind of registry has rules for them."""
    said = properties(body)
    return admitted({**said, "networkAcls": said.get("networkRuleSet")})


COLLECTOR = Collector(
    id="azure.container_registries",
    title="Container registries",
    scope="global",
    kinds=(REGISTRY,),
    emits={DataEndpoint: REGISTRY, Registry: REGISTRY},
    source=f"Azure Container Registry {VERSION}",
    fetch=fetch,
    shape=shape,
)
