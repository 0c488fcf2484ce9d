"""AWS on loopback: moto over real HTTP, with the faults that a real provider has.

The demo denies one call with it; the tests deny, throttle, cut off and garble.  Operations are named as botocore
names them, `s3:GetBucketEncryption`, recognized from the request itself.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import socket
import sys
import threading
import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlencode

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

_S3_SUBRESOURCES = {
    "encryption": "GetBucketEncryption",
    "versioning": "GetBucketVersioning",
    "publicAccessBlock": "GetPublicAccessBlock",
    "policy": "GetBucketPolicy",
    "policyStatus": "GetBucketPolicyStatus",
    "acl": "GetBucketAcl",
    "ownershipControls": "GetBucketOwnershipControls",
    "logging": "GetBucketLogging",
    "lifecycle": "GetBucketLifecycleConfiguration",
    "object-lock": "GetObjectLockConfiguration",
    "replication": "GetBucketReplication",
    "location": "GetBucketLocation",
}

_HALF = b'{"half an answer": ['
"""What is no answer in any protocol."""

_XML_SERVICES = frozenset({"cloudfront", "route53"})
"""Services that are asked by path and yet answer in XML, as those do that are asked by form."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MOTO_LACKS: dict[str, Any] = {
    "backup:GET /resources/": {"Results": []},
    "backup:GET /restore-jobs/": {"RestoreJobs": []},
    "cloudtrail:LookupEvents": {"Events": []},
    "config:DescribeConformancePacks": {"ConformancePackDetails": []},
    "ec2:DescribeClientVpnEndpoints": "<R><clientVpnEndpoint/></R>",
    "ec2:GetImageBlockPublicAccessState": "<R><imageBlockPublicAccessState>unblocked</imageBlockPublicAccessState></R>",
    "ec2:GetSnapshotBlockPublicAccessState": "<R><state>unblocked</state></R>",
    "guardduty:POST /detector/*/findings": {"findingIds": []},
    "inspector2:POST /coverage/list": {"coveredResources": []},
    "inspector2:POST /findings/aggregation/list": {"aggregationType": "REPOSITORY", "responses": []},
    "inspector2:POST /findings/list": {"findings": []},
    "kafkaconnect:GET /v1/connectors": {"connectors": []},
    "lambda:GET /2021-10-31/functions/*/urls": {"FunctionUrlConfigs": []},
    "securityhub:POST /standards/get": {"StandardsSubscriptions": []},
    "ssm:DescribeInstanceInformation": {"InstanceInformationList": []},
    "ssm:ListResourceComplianceSummaries": {"ResourceComplianceSummaryItems": []},
}
"""Answers of an account in which the service was never used, for operations that moto does not know; `*` in a path
stands for an id, and a text is XML."""


@dataclass(slots=True)
class Faults:
    """What goes wrong, and how often things were asked.  May be changed while the server runs."""

    deny: set[str] = field(default_factory=set)
    """Operations refused for want of a permission."""
    throttle: set[str] = field(default_factory=set)
    """Operations refused every time for being asked too often."""
    throttle_every: int = 0
    """Every n-th call, whatever it is, is refused for being asked too often; 0 for none."""
    garble: set[str] = field(default_factory=set)
    """Operations answered with bytes that are no answer."""
    break_down: set[str] = field(default_factory=set)
    """Operations answered with an internal error."""
    truncate: set[str] = field(default_factory=set)
    """Operations whose answer ends before its announced length."""
    reset: set[str] = field(default_factory=set)
    """Operations at which the connection breaks, without an answer."""
    may: Callable[[Environ, str], bool] | None = None
    """Whether whoever signed a request may do it, named like the operations here; None when everybody may."""
    latency: float = 0.0
    """Seconds that each answer waits."""
    after: int = 0
    """`deny` starts at this many answered calls of an operation: 1 lets the first page through."""
    whole_root: bool = False
    """Answer what moto leaves out about the root user, as AWS does: a password, and a row in the credential report."""
    closed: set[str] = field(default_factory=set)
    """ARNs of roles that nobody may assume."""
    now: Callable[[], int] | None = None
    """The provider's clock, in microseconds since the epoch, set before it serves; None for the real one."""
    answers: dict[str, Any] = field(default_factory=dict)
    """What is answered in moto's place, by operation, for those that it lacks."""
    calls: Counter[str] = field(default_factory=Counter)


class _FaultyApplication:
    """A WSGI application in front of moto."""

    def __init__(self, application: Callable[..., Iterable[bytes]], faults: Faults) -> None:
        self._application = application
        self._faults = faults
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        service, operation = recognize(environ)
        name = f"{service}:{operation}"
        faults = self._faults
        with self._lock:
            before = faults.calls[name]
            faults.calls[name] += 1
            total = faults.calls.total()
        if faults.latency:
            time.sleep(faults.latency)
        if name in faults.throttle or (faults.throttle_every and total % faults.throttle_every == 0):
            return _refuse(environ, start_response, service, "429 Too Many Requests", "ThrottlingException")
        if _is_denied(environ, name, before, faults):
            return _refuse(environ, start_response, service, "403 Forbidden", "AccessDenied")
        if name in faults.break_down:
            return _refuse(environ, start_response, service, "500 Internal Server Error", "InternalFailure")
        if name in faults.reset or name in faults.truncate or name in faults.garble:
            return _break(environ, start_response, name, faults)
        answer = _instead_of_moto(name, faults)
        if answer is not None:
            kind = "text/xml" if isinstance(answer, str) else "application/json"
            start_response("200 OK", [("Content-Type", kind)])
            return [(answer if isinstance(answer, str) else json.dumps(answer)).encode()]
        try:
            mend = {**_MOTO_MISSTATES, **(_ROOT if faults.whole_root else {})}.get(name)
            if mend:
                return self._mended(environ, start_response, mend)
            if name == "ec2:DescribeSnapshots":
                _only_public(environ)
            return self._application(environ, start_response)
        except Exception as error:  # noqa: BLE001  # moto says so when it lacks an operation
            return _refuse(environ, start_response, service, "501 Not Implemented", "NotImplemented", str(error))

    def _mended(self, environ: Environ, start_response: StartResponse, mend: Callable[[str], str]) -> list[bytes]:
        """Moto's answer with something added."""
        said: list[Any] = []
        whole = b"".join(
            self._application(environ, lambda status, headers, _error=None: said.extend((status, headers)))
        )
        body = mend(whole.decode()).encode()
        headers = [(key, value) for key, value in said[1] if key.lower() != "content-length"]
        start_response(said[0], [*headers, ("Content-Length", str(len(body)))])
        return [body]


def _break(environ: Environ, start_response: StartResponse, name: str, faults: Faults) -> Iterator[bytes]:
    """Half an answer, whole or cut short by the end of the connection, or nothing but that end."""
    whole = name in faults.garble
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(_HALF) + (not whole)))])
    if name not in faults.reset:
        yield _HALF
    if not whole:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)


def _is_denied(environ: Environ, name: str, before: int, faults: Faults) -> bool:
    """The caller lacks a right to it, or the role that it wants is closed."""
    if name in faults.deny and before >= faults.after:
        return True
    if faults.closed and _role(environ, name) in faults.closed:
        return True
    return faults.may is not None and not faults.may(environ, name)


def _instead_of_moto(name: str, faults: Faults) -> Any:
    """What is answered to an operation that moto lacks; None for one that it has."""
    known = {**_MOTO_LACKS, **faults.answers}
    return next((known[pattern] for pattern in (name, *known) if pattern in known and fnmatchcase(name, pattern)), None)


def _only_public(environ: Environ) -> None:
    """Ask moto for the public snapshots by name, where those are asked for that anybody may use: it cannot tell."""
    form = _form(environ)
    if form.get("RestorableBy.1") != ["all"]:
        return
    from moto.ec2.models import ec2_backends  # noqa: PLC0415

    (credential,) = re.findall(r"Credential=([^,]+)", environ["HTTP_AUTHORIZATION"])
    region = credential.split("/")[2]
    known = (snapshot for account in ec2_backends.values() for snapshot in account[region].snapshots.values())
    public = [str(each.id) for each in known if "all" in each.create_volume_permission_groups]
    # A filter that nothing fits gives the empty answer.
    asked = [("Action", "DescribeSnapshots"), ("Version", form["Version"][0]), ("Filter.1.Name", "snapshot-id")]
    asked += [(f"Filter.1.Value.{number}", name) for number, name in enumerate(public or ["none"], 1)]
    body = urlencode(asked).encode()
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))


def _with_root_row(answer: str) -> str:
    """A credential report that begins with the root user, who has a password and never used it."""
    before, content, after = re.split(r"<Content>|</Content>", answer)
    header, *rows = b64decode(content).decode().splitlines()
    known = {
        "user": "<root_account>",
        "arn": "arn:aws:iam::123456789012:root",
        "user_creation_time": "2025-01-01T00:00:00+00:00",
        "password_enabled": "not_supported",
        "password_last_used": "no_information",
    }
    root = ",".join(known.get(name, "false" if name.endswith("active") else "N/A") for name in header.split(","))
    report = b64encode("\n".join([header, root, *rows]).encode()).decode()
    return f"{before}<Content>{report}</Content>{after}"


def _with_root_password(answer: str) -> str:
    """An account summary that says whether the root user has a password."""
    return answer.replace(
        "<SummaryMap>", "<SummaryMap><entry><key>AccountPasswordPresent</key><value>1</value></entry>", 1
    )


_ROOT = {"iam:GetCredentialReport": _with_root_row, "iam:GetAccountSummary": _with_root_password}


def _with_zone(answer: str) -> str:
    """Instants that say, as those of AWS do, that they are in UTC."""
    return re.sub(r'("creationTime": "[\d.:T-]+)"', r'\1Z"', answer)


def _made_once(answer: str) -> str:
    """Workgroups that were not made at the moment of the question."""
    return re.sub(r'"CreationTime": [\d.]+', '"CreationTime": 1767225600', answer)


_MOTO_MISSTATES = {
    "athena:GetWorkGroup": _made_once,
    "athena:ListWorkGroups": _made_once,
    "kafka:GET /api/v2/clusters": _with_zone,
}
"""Operations whose answer moto gets wrong in a way that AWS never does."""


def recognize(environ: Environ) -> tuple[str, str]:
    """Service (as signed) and operation of a request, as far as it tells: `("rds", "DescribeDBInstances")`."""
    credential = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].split("/")
    service = credential[3] if len(credential) > 4 else "-"  # noqa: PLR2004  # key/date/region/service/aws4_request
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return service, str(target).rpartition(".")[2]
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return service, _form(environ).get("Action", ["?"])[0]
    path = environ.get("PATH_INFO", "")
    if service == "s3" and not path.startswith("/v20180820/"):
        keys = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        found = next((name for key, name in _S3_SUBRESOURCES.items() if key in keys), None)
        return service, found or ("ListBuckets" if path == "/" else environ["REQUEST_METHOD"])
    return service, f"{environ['REQUEST_METHOD']} {path}"


def _form(environ: Environ) -> dict[str, list[str]]:
    """The fields of a form, which whoever comes next can read again."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    return parse_qs(body.decode())


def _role(environ: Environ, name: str) -> str:
    """The role that a request wants to assume; empty when it wants something else."""
    return _form(environ).get("RoleArn", [""])[0] if name == "sts:AssumeRole" else ""


def _refuse(  # an answer has these parts
    environ: Environ, start_response: StartResponse, service: str, status: str, code: str, message: str = ""
) -> list[bytes]:
    """An error in the form that the service's protocol has for it."""
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    error = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>"
    if service == "ec2":
        kind, body = "text/xml", f"<Response><Errors>{error}</Errors><RequestID>x</RequestID></Response>"
    elif service == "s3":
        kind, body = "text/xml", error
    elif form or service in _XML_SERVICES:
        kind, body = "text/xml", f"<ErrorResponse>{error}<RequestId>x</RequestId></ErrorResponse>"
    else:
        kind, body = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message or code})
    start_response(status, [("Content-Type", kind), ("x-amzn-ErrorType", code)])
    return [body.encode()]


def application_of(faults: Faults) -> Callable[[Environ, StartResponse], Iterable[bytes]]:
    """A WSGI application that answers as moto does, unless something goes wrong."""
    # An account starts empty: without this, moto owns a thousand snapshots of public images.
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415

    _spare_moto()
    return _FaultyApplication(DomainDispatcherApplication(create_backend_app), faults)


@contextmanager
def loopback_aws(faults: Faults | None = None) -> Iterator[str]:
    """Serve moto on a free port of 127.0.0.1; the value is its address.  Its state is empty at first."""
    from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415

    given = Faults() if faults is None else faults
    application = application_of(given)

    class Handler(WSGIRequestHandler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            """The `Date` of an answer, by the provider's clock."""
            if timestamp is None and given.now is not None:
                timestamp = given.now() / 1_000_000
            return super().date_time_string(timestamp)

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True, name="loopback-aws")
    thread.start()
    try:
        with nullcontext() if given.now is None else _moto_at(given.now):
            yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _spare_moto() -> None:
    """Let moto work out once what it works out anew for each request, which takes longer than to answer many.

    It looks through the folder of its own package, and through all members of the class that answers.
    """
    from moto import backends  # noqa: PLC0415
    from moto.core import responses  # noqa: PLC0415

    found = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: found
    responses.method_names_from_class = cache(responses.method_names_from_class)


@contextmanager
def _moto_at(now: Callable[[], int]) -> Iterator[None]:
    """While the block runs, what is made in moto is made at the time that `now` tells.

    Nearly all of moto asks one function, which each module holds by name, those included that are loaded later.  Two
    modules ask the standard library.  Only the credentials of roles keep to the real time, by which the SDK renews
    them.
    """
    from moto.core import utils  # noqa: PLC0415
    from moto.guardduty import models as guardduty  # noqa: PLC0415
    from moto.s3 import models as s3  # noqa: PLC0415
    from moto.sts import models as sts  # noqa: PLC0415

    class Then(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            moment = _EPOCH + dt.timedelta(microseconds=now())
            return moment.astimezone(tz) if tz else moment.replace(tzinfo=None)

    real, simulated = utils.utcnow, Then.now
    _exchange(real, simulated, keep=sts.__name__)
    s3.datetime = SimpleNamespace(**{**vars(dt), "datetime": Then})
    guardduty.datetime = Then
    try:
        yield
    finally:
        _exchange(simulated, real)
        s3.datetime, guardduty.datetime = dt, dt.datetime


def _exchange(old: Callable[..., Any], new: Callable[..., Any], *, keep: str = "") -> None:
    """Let every module of moto that tells the time by `old` tell it by `new`."""
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and name != keep and getattr(module, "utcnow", None) == old:
            module.utcnow = new  # type: ignore[attr-defined]
