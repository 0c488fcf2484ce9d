"""The least that a run could cost: the same SDK calls in the same pool, each answer parsed and thrown away.

A program of its own that imports botocore and nothing of ours: `floor.py CALLS ENDPOINT`, where CALLS is a JSON list
of calls as a run's record has them.  It says how many it made and how many were refused.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

_POOL = 16
"""Calls under way at once: what the agent does unless told otherwise."""


def _strip_account(request: Any, **_: Any) -> None:
    """S3 Control puts the account before the host; no loopback address can have that."""
    parts = urlsplit(request.url)
    request.url = urlunsplit(parts._replace(netloc=re.sub(r"^\d{12}\.", "", parts.netloc)))


class _Loop:
    """The clients, made once per service and region as the agent does."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._session = Session()
        self._session.register("before-sign.s3-control", _strip_account)
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._config = Config(
            retries={"mode": "standard", "total_max_attempts": 6},
            max_pool_connections=_POOL,
            s3={"addressing_style": "path"},
            inject_host_prefix=False,
        )

    def client(self, service: str, region: str) -> Any:
        """The client of a service in a region."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._session.create_client(
                    service, region_name=region, config=self._config, endpoint_url=self._endpoint
                )
            return self._clients[service, region]

    def ask(self, call: dict[str, Any]) -> bool:
        """Make one call, all its pages; False when it was refused."""
        client = self.client(call["service"], call["region"])
        method = xform_name(call["operation"])
        try:
            if call["pages"] > 1:
                for _ in client.get_paginator(method).paginate(**call["parameters"]):
                    pass
            else:
                getattr(client, method)(**call["parameters"])
        except (BotoCoreError, ClientError):
            return False
        return True


def main() -> None:
    """Make every call."""
    calls = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    loop = _Loop(sys.argv[2])
    loop.client("sts", "us-east-1").get_caller_identity()
    with ThreadPoolExecutor(_POOL) as pool:
        answered = list(pool.map(loop.ask, calls))
    json.dump({"calls": len(answered), "refused": answered.count(False)}, sys.stdout)


if __name__ == "__main__":
    main()
