"""AWS Backup on loopback, for the operations that moto lacks: answers of our own, in pages, over real HTTP.

The answers have the form that the service's API reference gives them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import orjson

from agent.fetch import Limits, fetch_all
from collectors.api import Collector
from collectors.aws.session import AwsPlace, Reader, Session
from collectors.provenance import Identity, Page
from collectors.rates import Rates
from collectors.reader import Recorder
from collectors.testing import Reading
from storage.canon import dumps

REGION = "us-east-1"
IDENTITY = Identity("aws", "123456789012", "arn:aws:iam::123456789012:user/reader", "aws")


@dataclass(slots=True)
class BackupService:
    """What it answers, by path; a path that is not here is denied."""

    url: str
    pages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def read(self, collector: Collector) -> Reading:
        """Fetch with the real session and pool, through JSON as staging does it."""
        total = Page()
        for batch in fetch_all(_Provider(self.url), [(collector, REGION)], Limits(4)):
            for arrived in batch:
                total.absorb(Page.from_json(orjson.loads(dumps(arrived.page.to_json()))))
        return Reading(collector, IDENTITY, (REGION,), total)


class _Provider:
    def __init__(self, url: str) -> None:
        core = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")
        self._session = Session(core, pool=4, attempts=1, rates=Rates({}), endpoint=url, custom=True)

    def reader(self, collector: Collector, region: str, recorder: Recorder) -> Reader:
        """What `collector.fetch` reads with."""
        place = AwsPlace(
            session=self._session,
            collector=collector.id,
            account=IDENTITY.account,
            partition=IDENTITY.partition,
            region=region,
            where=region,
            regions=(REGION,),
            recorder=recorder,
        )
        return Reader(place)


@contextmanager
def backup_service() -> Iterator[BackupService]:
    """Serve on a free port of 127.0.0.1."""
    service = BackupService("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            number = int(parse_qs(parts.query).get("nextToken", ["0"])[0])
            pages = service.pages.get(parts.path)
            if pages is None:
                self._answer(403, {"__type": "AccessDeniedException", "message": "no"})
            elif number + 1 < len(pages):
                self._answer(200, {**pages[number], "NextToken": str(number + 1)})
            else:
                self._answer(200, pages[number])

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the parent's own name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True, name="backup-service")
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
