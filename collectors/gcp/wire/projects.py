"""Projects, folders and organizations, by Google's own client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.api_core import exceptions as api
from google.api_core.client_options import ClientOptions
from google.auth import exceptions as auth
from google.cloud import resourcemanager_v3 as crm

from collectors.errors import TargetUnreachable
from collectors.facts.core import Reason
from collectors.gcp.wire.transport import CONNECT_SECONDS, READ_SECONDS, Transport
from collectors.provenance import Member

GET = "resourcemanager.projects.get"
LIST = "resourcemanager.projects.list"
FOLDERS = "resourcemanager.folders.list"
_REASONS = {
    401: Reason.CREDENTIAL_EXPIRED,
    403: Reason.PERMISSION_DENIED,
    404: Reason.PERMISSION_DENIED,  # what one may not see does not exist, as Google puts it
    429: Reason.THROTTLED,
}


class Projects:
    """Asks Resource Manager over HTTP, with the retries of all other reads."""

    def __init__(self, transport: Transport, endpoint: str) -> None:
        """`endpoint` is the address of Resource Manager."""
        options = ClientOptions(api_endpoint=endpoint)
        given: dict[str, Any] = {
            "transport": "rest",
            "credentials": transport.credentials,
            "client_options": options,
        }
        self._projects = crm.ProjectsClient(**given)
        self._folders = crm.FoldersClient(**given)
        for client in (self._projects, self._folders):
            # The client's own retries ignore Retry-After and leave out 429; its session takes ours.
            session: Any = client.transport
            transport.mount(session._session)  # noqa: SLF001  # there is no public way

    def get(self, project: str) -> Any:
        """The project of an id.  Raises TargetUnreachable."""
        return _answered(GET, lambda: self._projects.get_project(name=f"projects/{project}", **_ONCE))

    def below(self, parent: str) -> tuple[Member, ...]:
        """Every active project below a folder or an organization; without a parent all that the caller sees.

        Raises TargetUnreachable.
        """
        if not parent:
            found = _answered(LIST, lambda: list(self._projects.search_projects(**_ONCE)))
            return tuple(sorted(Member(each.project_id) for each in found if _active(each)))
        return tuple(sorted(self._walk(parent)))

    def _walk(self, parent: str) -> Iterator[Member]:
        projects = _answered(LIST, lambda: list(self._projects.list_projects(parent=parent, **_ONCE)))
        yield from (Member(each.project_id) for each in projects if _active(each))
        for folder in _answered(FOLDERS, lambda: list(self._folders.list_folders(parent=parent, **_ONCE))):
            yield from self._walk(folder.name)


_ONCE: dict[str, Any] = {"retry": None, "timeout": CONNECT_SECONDS + READ_SECONDS}


def _active(project: Any) -> bool:
    return bool(project.state == crm.Project.State.ACTIVE)


def _answered(permission: str, ask: Any) -> Any:
    """What the client answers.  Raises TargetUnreachable."""
    try:
        return ask()
    except auth.GoogleAuthError as error:
        raise TargetUnreachable(Reason.CREDENTIAL_EXPIRED, permission, type(error).__name__) from error
    except api.GoogleAPICallError as error:
        reason = _REASONS.get(int(error.code or 0), Reason.ACCOUNT_UNREACHABLE)
        raise TargetUnreachable(reason, permission, type(error).__name__) from error
    except (OSError, ValueError) as error:  # no connection, or an answer that is no JSON
        reason = Reason.ACCOUNT_UNREACHABLE if isinstance(error, OSError) else Reason.PARTIAL_LISTING
        raise TargetUnreachable(reason, permission, type(error).__name__) from error
