"""What the agent says about itself: one line per event on standard error, as JSON or for people to read.

Nothing is said before `configure`.  Secrets are taken out of every line, and text that came from a cloud cannot break
a line or move the cursor of the terminal that shows it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import AbstractContextManager, nullcontext, suppress
from math import isfinite
from typing import TYPE_CHECKING, Any, TextIO, cast

from agent import clock
from agent.sections import Logs

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

MASK = "***"
LONGEST = 2000
"""Letters of one value; what is longer is cut."""
_MOST = 4 * LONGEST  # letters that are looked at for secrets
_ITEMS, _DEPTH, _FRAMES = 50, 4, 20

_SECRET_NAME = re.compile(
    r"pass(?:word|wd|phrase|code)|secret|token|authori[sz]ation|credential|cookie|signature"
    r"|(?:api|access|private|signing|account)_?key|external_?id|\bpwd\b",
    re.IGNORECASE,
)
# Everything behind the host of a web address can be a secret: web hooks and pings carry their key in the path.
_WEB = re.compile(r"\b(https?://)(?:[^\s\"'<>]{0,400}@)?([^\s\"'<>/?#@]*)([/?#][^\s\"'<>]*)?", re.IGNORECASE)
# Databases are named by host and path.  Any other kind of address, as receivers of alerts have, is secret as a whole.
_DATABASE = re.compile(r"\b((?:postgres(?:ql)?|sqlite)(?:\+\w+)?://)[^\s\"'<>]{0,400}@", re.IGNORECASE)
_OTHER = re.compile(
    r"(?<![\w+.-])(?!(?:https?|postgres(?:ql)?|sqlite|file|s3)(?:\+\w+)?:)([a-z][a-z0-9+.-]{0,30}://)[^\s\"'<>]+",
    re.IGNORECASE,
)
# A colon follows the whole word only: `secretsmanager:GetSecretValue` and `ExpiredToken: ...` are no assignments.
_ASSIGNED = re.compile(
    r"((?:(?:pass(?:word|wd|phrase)|pwd|secret|token|(?:api|access|account)_?key|signature|credential)"
    r"\w{0,40}[\"']?\s{0,4}="
    r"|(?<![^\W_])(?:password|passwd|passphrase|secret|token|key|authorization)[\"']?\s{0,4}:(?=[\s\"']))\s{0,4})"
    r"(?:\"[^\"]*\"|'[^']*'|[^\s,;&\"']+)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
# How urllib3, and so requests, tells the path of an address that did not answer.
_WITH_URL = re.compile(r"(\bwith url: )\S+")
_BARE = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----.*"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bxox[abeprs]-[A-Za-z0-9-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+",
    re.DOTALL,
)

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_COLORS = {"debug": "2", "info": "36", "warning": "33", "error": "31", "critical": "31"}


def logger(**bound: Any) -> FilteringBoundLogger:
    """A logger that adds these keys to each of its lines; it may be made before `configure`."""
    return cast("FilteringBoundLogger", _Logger(bound))


def context(**keys: Any) -> AbstractContextManager[None]:
    """Add keys, such as run, target and slot, to each line that this thread says inside the block."""
    if not _Logger.configured:
        return nullcontext()
    from structlog.contextvars import bound_contextvars  # noqa: PLC0415  # as in _Logger

    return bound_contextvars(**keys)


def configure(logs: Logs, stream: TextIO | None = None) -> None:
    """Say from now on, on `stream` (standard error by default), what is at `logs.level` or above.

    Libraries are heard from `warning` on.  May be called again, with other settings.
    """
    import structlog  # noqa: PLC0415

    out = sys.stderr if stream is None else stream
    terminal = out.isatty()
    render: Callable[[Any, str, MutableMapping[str, Any]], str] = _json
    if logs.format == "console" or (logs.format == "auto" and terminal):
        colored = terminal and not os.environ.get("NO_COLOR")
        render = _Console(colored=colored)
    level = _LEVELS[logs.level]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _stamp, _tell_exception, _mask, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_Output(out).writer,
        cache_logger_on_first_use=False,
    )
    _Logger.configured = True
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, _Libraries)]:
        root.removeHandler(handler)
    root.addHandler(_Libraries(max(level, logging.WARNING)))
    logging.captureWarnings(capture=True)


def masked(text: str) -> str:
    """The text without passwords, keys and the secret parts of addresses, cut to `LONGEST` letters."""
    length, text = len(text), text[:_MOST]
    text = _WITH_URL.sub(rf"\1{MASK}", text)
    text = _WEB.sub(lambda found: f"{found[1]}{found[2]}{f'/{MASK}' if len(found[3] or '') > 1 else ''}", text)
    text = _DATABASE.sub(rf"\1{MASK}@", text)
    text = _OTHER.sub(rf"\1{MASK}", text)
    text = _SCHEME.sub(rf"\1 {MASK}", text)
    text = _BARE.sub(MASK, _ASSIGNED.sub(rf"\1{MASK}", text))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({length} letters)"


def is_secret_name(name: str) -> bool:
    """Whether what goes by this name is a secret, such as `db_password`."""
    return _SECRET_NAME.search(name) is not None


class _Logger:
    """Silent before `configure`, so that commands which do not log need not load structlog: 0.1 s and 5 MB."""

    configured = False

    def __init__(self, bound: Mapping[str, Any]) -> None:
        self._bound = bound

    def __getattr__(self, name: str) -> Any:
        """What structlog's logger has by this name."""
        if not self.configured:
            return _say_nothing
        import structlog  # noqa: PLC0415  # see above

        return getattr(structlog.get_logger(**self._bound), name)


def _say_nothing(*_: object, **__: object) -> None:
    """Stands in for every method of a logger."""


class _Output:
    """Whole lines from all threads to one stream; one that is closed or full takes nothing down."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def writer(self, *_: object) -> _Output:
        """What structlog asks for when it needs somebody to write."""
        return self

    def msg(self, line: str) -> None:
        """Write one line."""
        with self._lock, suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = log = msg


class _Libraries(logging.Handler):
    """Passes on what libraries log, in our format."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say it with the library's name; never with the arguments that it was made of."""
        try:
            said = record.getMessage()
        except (TypeError, ValueError):
            said = str(record.msg)
        log = logger(library=record.name)
        say = log.error if record.levelno >= logging.ERROR else log.warning
        say(said, exc_info=record.exc_info)


def _stamp(_logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Time, level and event come first, whatever keys follow."""
    said = event.pop("event", "")
    level = "error" if method == "exception" else method
    return {"time": clock.iso(clock.now()), "level": level, "event": said} | {
        f"{key}_" if key in ("time", "level") else key: value for key, value in event.items()
    }


def _tell_exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Type, message, cause and places in the code; no variables, which could hold anything."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else None
    if given is True:
        error = sys.exc_info()[1]
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        event["exception"] = {
            "type": type(error).__name__,
            "message": str(error),
            "cause": f"{type(error.__cause__).__name__}: {error.__cause__}" if error.__cause__ else "",
            "at": [f"{os.path.basename(one.filename)}:{one.lineno} {one.name}" for one in frames],  # noqa: PTH119
        }
    return event


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _shown(key, value, 0) for key, value in event.items()}


def _shown(name: str, value: Any, depth: int) -> Any:
    """The value as plain data that is safe to show."""
    if value is None or isinstance(value, bool):
        return value
    if name and is_secret_name(name):
        return MASK
    if isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"{len(value)} bytes"
    if depth < _DEPTH and isinstance(value, Mapping):
        return {masked(str(key)): _shown(str(key), inner, depth + 1) for key, inner in list(value.items())[:_ITEMS]}
    if depth < _DEPTH and isinstance(value, (list, tuple, set, frozenset)):
        return [_shown("", inner, depth + 1) for inner in list(value)[:_ITEMS]]
    return masked(str(value))


def _json(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    """One JSON object in ASCII, so that no letter of it can end a line or steer a terminal."""
    return json.dumps(event, separators=(",", ":"))


class _Console:
    """One line for people: time, level, event, `key=value`."""

    def __init__(self, *, colored: bool) -> None:
        self._colored = colored

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
        """Render one event."""
        told = dict(event)
        time, level, said = told.pop("time"), told.pop("level"), _plain(str(told.pop("event")))
        exception = told.pop("exception", None)
        shown = f"{level:<8}"
        if self._colored:
            shown = f"\x1b[{_COLORS.get(level, '0')}m{shown}\x1b[0m"
        parts = [str(time), shown, said, *(f"{_plain(str(key))}={_quoted(value)}" for key, value in told.items())]
        if isinstance(exception, dict):
            place = f" ({exception['at'][-1]})" if exception["at"] else ""
            parts.append(_plain(f"{exception['type']}: {exception['message']}{place}"))
        elif exception is not None:
            parts.append(f"exception={_quoted(exception)}")
        return " ".join(parts)


def _quoted(value: Any) -> str:
    if isinstance(value, str):
        text = _plain(value)
        return f'"{text}"' if not text or " " in text or "=" in text else text
    return _plain(json.dumps(value, ensure_ascii=False))


def _plain(text: str) -> str:
    """Escapes instead of everything that is not simply a letter: control characters, line ends, changed directions."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text
    )
