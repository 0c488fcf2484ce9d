"""An AWS organization on loopback whose accounts are all alike: what one account answers is recorded, then replayed.

A server that computed each answer would use more CPU than the agent that asks.  This one looks the answer up and puts
another account and another region into it.  It is a process of its own; each line of JSON on its standard input
changes a setting, or asks how many requests each account has made.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import re
import subprocess
import sys
import threading
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from tests.benchmarks.lines import BenchmarkFailed
from tests.benchmarks.processes import ROOT, environment

MANAGEMENT = 100_000_000_001
"""The account that owns the organization; the other accounts count on from here."""
_RECORDED = b"123456789012"
_REGION = b"us-east-1"
_PAGE = 20
"""Accounts in one answer of ListAccounts, as many as AWS gives."""
_PASSES = 10
"""Every so manieth request of a throttled account is answered."""
_DROPPED = frozenset({"date", "server", "content-length", "connection", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Organization:
    """A running server."""

    endpoint: str
    _commands: IO[str]
    _answers: IO[str]

    def tell(self, **settings: Any) -> Any:
        """Change settings (those of the server, below), or say `count`; return the answer."""
        self._commands.write(json.dumps(settings) + "\n")
        self._commands.flush()
        return json.loads(self._answers.readline() or "null")


@contextmanager
def serve(folder: Path) -> Iterator[Organization]:
    """One account that is recorded until `replay` is told, for as long as the block runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.organization"],
        cwd=ROOT,
        env=environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdin is None or process.stdout is None:
        raise BenchmarkFailed("the organization has no pipes")
    try:
        endpoint = process.stdout.readline()
        if not endpoint:
            raise BenchmarkFailed("the organization did not start; its complaint stands above")
        yield Organization(json.loads(endpoint), process.stdin, process.stdout)
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


@dataclass(frozen=True, slots=True)
class _Request:
    """One request, and for whom it is."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    account: bytes
    region: bytes
    service: str

    @property
    def key(self) -> bytes:
        """The same for the same question about any account in any region."""
        asked = f"{self.method} {self.path} {self.headers.get('x-amz-target', '')} ".encode() + self.body
        return asked.replace(self.account, _RECORDED).replace(self.region, _REGION)

    @property
    def is_form(self) -> bool:
        """Whether it speaks the query protocol, which is answered with XML."""
        return self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer, but for its date and length."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def to(self, request: _Request) -> _Answer:
        """The same answer about the account and region of a request."""
        body = _in_report(self.body, request) if b"<Content>" in self.body else self.body
        return _Answer(self.status, self.headers, _about(body, request))

    def to_bytes(self) -> bytes:
        """As HTTP has it."""
        lines = [f"HTTP/1.1 {self.status} {http.client.responses.get(self.status, '')}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines += [f"Date: {formatdate(usegmt=True)}", f"Content-Length: {len(self.body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


def _about(text: bytes, request: _Request) -> bytes:
    return text.replace(_RECORDED, request.account).replace(_REGION, request.region)


def _in_report(body: bytes, request: _Request) -> bytes:
    """The credential report of IAM is a file in base64, and names the account in there."""
    before, content, after = re.split(rb"<Content>|</Content>", body)
    return b"%s<Content>%s</Content>%s" % (before, b64encode(_about(b64decode(content), request)), after)


@dataclass(slots=True)
class _Server:
    """What it knows and how it behaves; changed while it serves."""

    upstream: str
    """Who answers while the account is recorded."""
    replay: bool = False
    accounts: int = 1
    regions: list[str] = field(default_factory=list)
    """Those that each account has enabled."""
    latency: float = 0.0
    """Seconds that each answer waits."""
    throttled: str = ""
    """Account of which most requests are refused."""
    count: Counter[str] = field(default_factory=Counter)
    """Requests by account."""
    refused: int = 0
    unknown: set[str] = field(default_factory=set)
    """Requests that were never recorded."""
    answers: dict[bytes, _Answer] = field(default_factory=dict)

    def obey(self, command: dict[str, Any]) -> Any:
        """Change what is told, and say what was counted since the last time."""
        for name, value in command.items():
            if name != "count":
                setattr(self, name, value)
        said = {"requests": self.count, "refused": self.refused, "unknown": sorted(self.unknown)}
        if "count" in command:
            self.count, self.refused, self.unknown = Counter(), 0, set()
        return said

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                request = _parse(head)
                length = int(request.headers.get("content-length", 0))
                if length:
                    request = _parse(head, await reader.readexactly(length))
                if self.latency:
                    await asyncio.sleep(self.latency)
                answer = await self._answer(request)
                writer.write(answer.to_bytes())
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: _Request) -> _Answer:
        if not self.replay:
            answer = self.answers[request.key] = await asyncio.to_thread(self._ask, request)
            return answer
        account = request.account.decode()
        self.count[account] += 1
        if request.service != "sts" and account == self.throttled and self.count[account] % _PASSES:
            self.refused += 1
            return _throttled(request)
        if request.service == "sts" and b"Action=AssumeRole" in request.body:
            return _assume(request)
        if request.headers.get("x-amz-target", "").endswith(".ListAccounts"):
            return self._list(request)
        if b"Action=DescribeRegions" in request.body:
            return _enabled(self.regions)
        known = self.answers.get(request.key)
        if known is None:
            self.unknown.add(request.key.decode("latin-1"))
            return _Answer(501, (), b"")
        return known.to(request)

    def _ask(self, request: _Request) -> _Answer:
        """Pass a request on to the account that is recorded."""
        connection = http.client.HTTPConnection(urlsplit(self.upstream).netloc)
        try:
            connection.request(request.method, request.path, request.body, request.headers)
            found = connection.getresponse()
            headers = tuple((name, value) for name, value in found.getheaders() if name.lower() not in _DROPPED)
            return _Answer(found.status, headers, found.read())
        finally:
            connection.close()

    def _list(self, request: _Request) -> _Answer:
        """A page of the accounts of the organization."""
        first = int(json.loads(request.body or b"{}").get("NextToken", 0))
        page = range(first, min(first + _PAGE, self.accounts))
        said: dict[str, Any] = {
            "Accounts": [
                {"Id": str(MANAGEMENT + number), "Name": f"account {number}", "Status": "ACTIVE", "State": "ACTIVE"}
                for number in page
            ]
        }
        if page.stop < self.accounts:
            said["NextToken"] = str(page.stop)
        return _Answer(200, (("Content-Type", "application/x-amz-json-1.1"),), json.dumps(said).encode())


def _parse(head: str, body: bytes = b"") -> _Request:
    """A request, whose access key tells the account and whose signature tells region and service."""
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    key, _, region, service, *_ = [*headers.get("authorization", "").partition("Credential=")[2].split("/"), *[""] * 4]
    account = key.removeprefix("ASIA") if key.startswith("ASIA") else str(MANAGEMENT)
    return _Request(method, path, headers, body, account.encode(), region.encode() or _REGION, service)


def _assume(request: _Request) -> _Answer:
    """Credentials for the account of a role; their access key says which one that is."""
    found = re.search(r"RoleArn=arn:aws:iam::(\d{12}):role/([^&]+)", unquote(request.body.decode()))
    if found is None:
        return _Answer(400, (), b"")
    until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    role = f"arn:aws:sts::{found[1]}:assumed-role/{found[2]}/proofkeep"
    body = (
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
        f"<AccessKeyId>ASIA{found[1]}</AccessKeyId><SecretAccessKey>testing</SecretAccessKey>"
        f"<SessionToken>testing</SessionToken><Expiration>{until}</Expiration></Credentials>"
        f"<AssumedRoleUser><AssumedRoleId>AROA{found[1]}:proofkeep</AssumedRoleId><Arn>{role}</Arn></AssumedRoleUser>"
        "</AssumeRoleResult><ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></AssumeRoleResponse>"
    )
    return _Answer(200, (("Content-Type", "text/xml"),), body.encode())


def _enabled(regions: list[str]) -> _Answer:
    """The regions that each account has enabled; nobody asks for others."""
    items = "".join(
        f"<item><regionName>{name}</regionName><regionEndpoint>ec2.{name}.amazonaws.com</regionEndpoint>"
        "<optInStatus>opt-in-not-required</optInStatus></item>"
        for name in regions
    )
    head = '<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>x</requestId>'
    body = f"{head}<regionInfo>{items}</regionInfo></DescribeRegionsResponse>"
    return _Answer(200, (("Content-Type", "text/xml"),), body.encode())


def _throttled(request: _Request) -> _Answer:
    """A refusal in the form that the protocol of the request has for it."""
    error = "<Error><Code>ThrottlingException</Code><Message>Rate exceeded</Message></Error>"
    if request.service == "ec2":
        body = f"<Response><Errors>{error}</Errors><RequestID>x</RequestID></Response>"
    elif request.service == "s3":
        body = error
    elif request.is_form:
        body = f"<ErrorResponse>{error}<RequestId>x</RequestId></ErrorResponse>"
    else:
        body = '{"__type": "ThrottlingException", "message": "Rate exceeded"}'
    return _Answer(400, (("x-amzn-ErrorType", "ThrottlingException"),), body.encode())


def main() -> None:
    """Build the account that is recorded, say where, and obey until standard input ends."""
    from agent.demo.estate import Estate  # noqa: PLC0415  # not in the measuring process
    from agent.demo.loopback import Faults, loopback_aws  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with loopback_aws(Faults(whole_root=True)) as upstream:
        Estate(upstream).build()
        served = _Server(upstream)
        loop = asyncio.new_event_loop()
        listening = loop.run_until_complete(asyncio.start_server(served.serve, "127.0.0.1", 0, backlog=1024))
        threading.Thread(target=loop.run_forever, daemon=True, name="organization").start()
        _say(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
        for line in sys.stdin:
            _say(served.obey(json.loads(line)))


def _say(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
