"""The authenticated way to Resource Manager or to Graph, made of the SDK's own parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from azure.core import PipelineClient
from azure.core import exceptions as core
from azure.core.pipeline import policies
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest
from azure.identity import DefaultAzureCredential
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

from collectors.azure.wire.policies import Counted, LoopbackOnly, Patience, ReadsOnly, Turn
from collectors.facts.core import Reason
from collectors.rates import Rates
from collectors.web import Answer, Unanswered

CONNECT_SECONDS = 10
READ_SECONDS = 60


def credential(authority: str, tenant: str, *, known_authority: bool) -> Any:
    """The SDK's default chain: environment, workload identity, managed identity, Azure CLI and what else there is.

    An authority that Microsoft does not know is a private cloud's: nobody is asked whether it exists.
    """
    return DefaultAzureCredential(
        authority=authority,
        workload_identity_tenant_id=tenant,
        additionally_allowed_tenants=[tenant],
        disable_instance_discovery=not known_authority,
        exclude_broker_credential=True,
        exclude_visual_studio_code_credential=True,
    )


class Pipeline:
    """One for all threads that read an account."""

    def __init__(self, base: str, credential: Any, *, scope: str, pool: int, attempts: int, rates: Rates) -> None:
        """`base` is scheme, host and port; `credential` gives tokens for `scope`; `pool` calls may be under way."""
        self.base = base
        session = requests.Session()
        for scheme in ("https://", "http://"):
            session.mount(scheme, requests.adapters.HTTPAdapter(pool_connections=4, pool_maxsize=pool))
        self._transport = RequestsTransport(
            session=session, session_owner=False, connection_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS
        )
        plain = urlsplit(base).scheme == "http"
        self._policies = [
            ReadsOnly(),
            policies.RequestIdPolicy(),
            policies.UserAgentPolicy("proofkeep"),
            Counted(),
            *([LoopbackOnly()] if plain else []),
            Patience(attempts),
            Turn(rates),
            ARMChallengeAuthenticationPolicy(credential, scope),
        ]
        self._client: PipelineClient[Any, Any] = PipelineClient(
            base, policies=self._policies, transport=self._transport
        )
        self._credential = credential
        self._scope = scope

    def token(self) -> str:
        """A token as the provider gives it out now.  Raises Unanswered."""
        try:
            return str(self._credential.get_token(self._scope).token)
        except core.AzureError as error:
            raise _unanswered(error) from error

    def ask(self, method: str, url: str, body: Mapping[str, Any] | None, service: str) -> Answer:
        """Send one read, again where that helps.  Raises Unanswered, ReadRefused."""
        request = HttpRequest(method, url, json=body) if body is not None else HttpRequest(method, url)
        try:
            answered = self._client.send_request(request, _return_pipeline_response=True, service=service)
        except core.AzureError as error:
            raise _unanswered(error) from error
        return _answer(answered)

    def resource_groups(self, subscription: str) -> Iterator[Answer]:
        """Each page of the subscription's resource groups.  Raises Unanswered, ReadRefused."""
        from azure.mgmt.resource.resources import ResourceManagementClient  # noqa: PLC0415  # for this one listing

        heard: list[Answer] = []
        client = ResourceManagementClient(
            self._credential,
            subscription,
            base_url=self.base,
            # Without these it would use its own, which register resource providers: a write.
            policies=[*self._policies, policies.ContentDecodePolicy()],
            transport=self._transport,
        )
        pages = client.resource_groups.list(
            raw_response_hook=lambda response: heard.append(_answer(response)), service="Microsoft.Resources"
        ).by_page()
        while True:
            try:
                page = next(pages, None)
            except core.HttpResponseError:
                yield heard.pop()
                return
            except core.AzureError as error:
                raise _unanswered(error) from error
            if page is None:
                return
            list(page)
            yield heard.pop()


def _answer(response: Any) -> Answer:
    http = response.http_response
    content = http.content if hasattr(http, "content") else http.body()
    attempts = len(response.context.get("history") or ()) + 1
    return Answer(http.status_code, http.headers, content, attempts)


def _unanswered(error: core.AzureError) -> Unanswered:
    """What the SDK raised instead of an answer, by consequence."""
    said = type(error).__name__
    match error:
        case core.ClientAuthenticationError():
            return Unanswered(Reason.CREDENTIAL_EXPIRED, said)
        case core.HttpResponseError():  # bytes that end too early are one of these
            return Unanswered(Reason.PARTIAL_LISTING, f"malformed answer: {said}")
        case _:
            return Unanswered(Reason.ACCOUNT_UNREACHABLE, said)
