"""What the agent says about itself: one line per event, no secret in it, and nothing that steers a terminal."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from agent import clock as agent_clock
from agent.log import LONGEST, _Libraries, configure, context, is_secret_name, logger, masked
from agent.sections import Logs
from tests.conftest import Clock
from tests.house.tree import ROOT


@pytest.fixture(autouse=True)
def _own_settings(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test says itself what is logged, at a time that stands still."""
    monkeypatch.setattr(agent_clock, "now", clock)
    handlers = list(logging.getLogger().handlers)
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    logging.getLogger().handlers[:] = handlers


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def heard(level: str = "debug", form: str = "json") -> io.StringIO:
    """A stream that gets what is logged from now on."""
    stream = io.StringIO()
    configure(Logs.model_validate({"format": form, "level": level}), stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Each JSON line."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail(message: str) -> None:
    """Raise with a cause and with a local variable that must stay where it is."""
    local = "kept-in-a-variable"
    try:
        raise KeyError(local[:0] or "first")  # noqa: TRY301  # so that there is a cause
    except KeyError as error:
        raise ValueError(message) from error


def test_a_json_line() -> None:
    """Time, level and event first, then what was bound and what was given."""
    stream = heard()
    logger(target="prod").info("run.sealed", gaps=2, findings={"FAIL": 1})

    assert stream.getvalue() == (
        '{"time":"2026-01-01T00:00:00Z","level":"info","event":"run.sealed","target":"prod","gaps":2,'
        '"findings":{"FAIL":1}}\n'
    )


def test_a_console_line() -> None:
    """Values with spaces are quoted; no color on what is no terminal."""
    stream = heard(form="console")
    logger().warning("store.failed", said="no answer", entry=7, empty="")

    assert stream.getvalue() == '2026-01-01T00:00:00Z warning  store.failed said="no answer" entry=7 empty=""\n'


@pytest.mark.parametrize(("stream", "first"), [(io.StringIO(), "{"), (Terminal(), "2")])
def test_auto_goes_by_the_stream(stream: io.StringIO, first: str) -> None:
    """For people on a terminal, JSON for everything else."""
    configure(Logs(), stream)
    logger().info("daemon.started")

    assert stream.getvalue()[0] == first


@pytest.mark.parametrize(("no_color", "colored"), [("", True), ("1", False)])
def test_color_on_a_terminal_that_wants_it(monkeypatch: pytest.MonkeyPatch, no_color: str, colored: bool) -> None:
    """NO_COLOR is respected."""
    monkeypatch.setenv("NO_COLOR", no_color)
    stream = Terminal()
    configure(Logs(), stream)
    logger().error("store.failed")

    assert ("\x1b[31merror" in stream.getvalue()) is colored


def test_the_level_decides() -> None:
    """What is below is not said."""
    stream = heard("warning")
    for say in (logger().debug, logger().info, logger().warning, logger().error):
        say("told")

    assert [line["level"] for line in lines(stream)] == ["warning", "error"]


def test_a_logger_made_early_goes_by_later_settings() -> None:
    """A module may make its logger when it is imported."""
    structlog.reset_defaults()
    early = logger(part="early")
    early.error("not said")
    stream = heard()
    early.info("said")
    again = heard()
    early.info("said elsewhere")

    assert [(line["event"], line["part"]) for line in lines(stream)] == [("said", "early")]
    assert [line["event"] for line in lines(again)] == ["said elsewhere"]


def test_nothing_is_said_before_configure() -> None:
    """A command that only prints an answer has nothing else on its streams."""
    code = "from agent.log import logger; logger(a=1).error('said'); logger().info('said')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("", "")


def test_help_does_not_pay_for_logs() -> None:
    """`proofkeep --help` imports none of the libraries that only the daemon needs."""
    code = (
        "import sys; from agent.__main__ import run; run(['--help']); "
        "print(sorted({'structlog', 'prometheus_client', 'opentelemetry'} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stderr == "[]\n"


def test_context_holds_for_the_block_and_the_thread() -> None:
    """Keys of one run do not show up in the lines of another."""
    stream = heard()
    other = threading.Thread(target=lambda: logger().info("other"))
    with context(run="r1", target="prod"):
        logger().info("inside")
        other.start()
        other.join()
    logger().info("outside")

    inside, elsewhere, outside = lines(stream)
    assert (inside["run"], inside["target"]) == ("r1", "prod")
    assert "run" not in elsewhere
    assert "run" not in outside


def test_own_keys_cannot_forge_a_line() -> None:
    """Time and level are ours, whatever keys an event brings."""
    stream = heard()
    logger().info("event", level="critical", time="1970-01-01")

    (line,) = lines(stream)
    assert (line["time"], line["level"]) == ("2026-01-01T00:00:00Z", "info")
    assert (line["time_"], line["level_"]) == ("1970-01-01", "critical")


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize(
    "hostile", ["a\nERROR forged", "a\r\nb", "\x1b[2J\x1b[31mred", "\u202egnp.exe", "\u2028line", "\x00\x07", "\ud800"]
)
def test_text_from_a_cloud_stays_in_its_line(form: str, hostile: str) -> None:
    """In the event, in values and in names of keys: one line, and nothing that a terminal obeys."""
    stream = heard(form=form)
    logger().info(hostile, resource=hostile, inner=[{hostile: hostile}], **{hostile: 1})
    text = stream.getvalue()

    assert text.endswith("\n")
    assert len(text.splitlines()) == 1
    assert all(letter.isprintable() for letter in text[:-1])


def test_an_exception_as_json() -> None:
    """Type, message, cause and places; no variables and no source."""
    stream = heard()
    try:
        fail("first line\nsecond line")
    except ValueError:
        logger().exception("run.failed", target="prod")

    (line,) = lines(stream)
    told = line["exception"]
    assert (line["level"], told["type"], told["message"]) == ("error", "ValueError", "first line\nsecond line")
    assert told["cause"] == "KeyError: 'first'"
    assert told["at"][-1].startswith("test_log.py:")
    assert told["at"][-1].endswith(" fail")
    assert "kept-in-a-variable" not in stream.getvalue()


def test_an_exception_on_the_console_is_one_line() -> None:
    """Type, message and where it was raised."""
    stream = heard(form="console")
    try:
        fail("first\nsecond")
    except ValueError as error:
        logger().error("run.failed", exc_info=error)

    (line,) = stream.getvalue().splitlines()
    assert r"run.failed ValueError: first\nsecond (test_log.py:" in line


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("password", True), ("db_password", True), ("DbPassword", True), ("secret", True), ("client_secret", True),
        ("token", True), ("next_token", True), ("Authorization", True), ("api_key", True), ("access_key_id", True),
        ("private_key", True), ("cookie", True), ("external_id", True), ("passphrase", True),
        ("key", False), ("target", False), ("route", False), ("passed", False), ("keys_rotated", False),
    ],
)  # fmt: skip
def test_names_of_secrets(name: str, secret: bool) -> None:
    """What is named like a secret is one; the key of a message is none."""
    stream = heard()
    logger().info("event", **{name: "hunter2"}, inner={name: ["hunter2"]})

    assert is_secret_name(name) is secret
    assert stream.getvalue().count("hunter2") == (0 if secret else 2)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql+psycopg://keeper:hunter2@db:5432/proofkeep", "postgresql+psycopg://***@db:5432/proofkeep"),
        ("postgresql://keeper:hun@ter/2@db/p", "postgresql://***@db/p"),
        ("sqlite:///evidence.db", "sqlite:///evidence.db"),
        ("https://user:hunter2@example.com", "https://example.com"),
        ("https://hooks.slack.com/services/T0/B0/hunter2 refused", "https://hooks.slack.com/*** refused"),
        ("https://hc-ping.com/hunter2?x=hunter2", "https://hc-ping.com/***"),
        ("https://s3.us-east-1.amazonaws.com/", "https://s3.us-east-1.amazonaws.com"),
        ("slack://hunter2/hunter2/hunter2", "slack://***"),
        ("mailtos://me:hunter2@mail.example.com?to=a", "mailtos://***"),
        ("(Caused by x) with url: /hunter2/b (y)", "(Caused by x) with url: *** (y)"),
        ("password=hunter2&a=b", "password=***&a=b"),
        ("password: hunter2", "password: ***"),
        ('{"token": "hunter2 hunter2", "a": 1}', '{"token": ***, "a": 1}'),
        ("AWS_SECRET_ACCESS_KEY=hunter2", "AWS_SECRET_ACCESS_KEY=***"),
        ("Authorization: Bearer hunter2hunter2", "Authorization: *** ***"),
        ("Bearer hunter2hunter2", "Bearer ***"),
        ("-----BEGIN PRIVATE KEY-----\nhunter2\nhunter2", "***"),
        ("ghp_hunter2hunter2hunter2hunter2hunter2", "***"),
        ("denied: secretsmanager:GetSecretValue", "denied: secretsmanager:GetSecretValue"),
        ("ExpiredToken: the token is old", "ExpiredToken: the token is old"),
        ("arn:aws:iam::123456789012:user/token", "arn:aws:iam::123456789012:user/token"),
    ],
)
def test_secrets_in_text(text: str, shown: str) -> None:
    """Credentials go, the names that an operator needs stay."""
    assert masked(text) == shown


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_gets_through_in_any_place(form: str) -> None:
    """Event, value, inner value, key, exception, cause, and what pydantic keeps secret."""
    stream = heard(form=form)
    url = "postgresql://keeper:hunter2@db/p"
    try:
        fail(url)
    except ValueError:
        logger().exception(url, a=url, b=[url], c={"d": {url: url}}, e=SecretStr("hunter2"), f=(SecretStr("hunter2"),))

    assert "hunter2" not in stream.getvalue()
    assert stream.getvalue().count("postgresql://***@db/p") >= 5


def test_bodies_and_long_texts_are_cut() -> None:
    """Bytes are counted, texts end somewhere, and a cut does not open up half a secret."""
    stream = heard()
    logger().info("event", body=b"{}" * 500, text="x" * 100_000, url="a " * (LONGEST // 2 - 3) + "https://u:hunter2@h/")

    (line,) = lines(stream)
    assert line["body"] == "1000 bytes"
    assert len(line["text"]) < LONGEST + 30
    assert line["text"].endswith("(100000 letters)")
    assert "hunter2" not in stream.getvalue()


@pytest.mark.parametrize("part", ["x", "a.", "token", "http://", "sqlite://", "a@", "a_", " ", "password=", "{"])
def test_no_text_takes_long(part: str) -> None:
    """The work grows with the text and not with its square, or a resource's name could hold the agent up."""

    def work(length: int) -> float:
        text = part * (length // len(part))
        took = []
        for _ in range(7):
            began = time.process_time()
            masked(text)
            took.append(time.process_time() - began)
        return min(took)

    assert work(8000) / work(1000) < 30  # the square would be 64


def test_numbers_without_a_place_in_json() -> None:
    """Each line can be read by any parser."""
    stream = heard()
    logger().info("event", a=float("nan"), b=float("inf"), c=1.5, d=None, e=True, f=object)

    (line,) = lines(stream)
    assert (line["a"], line["b"], line["c"], line["d"], line["e"]) == ("nan", "inf", 1.5, None, True)


def test_libraries_are_heard_from_warning_on() -> None:
    """In our format, with their name and without their secrets."""
    stream = heard()
    library = logging.getLogger("apscheduler.scheduler")
    library.info("not told")
    library.warning("missed by %s, password=hunter2", "3 s")
    try:
        fail("boom")
    except ValueError:
        logging.getLogger("procrastinate").critical("job failed", exc_info=True)
    (handler,) = [each for each in logging.getLogger().handlers if isinstance(each, _Libraries)]
    handler.handle(logging.makeLogRecord({"name": "broken", "levelno": 40, "msg": "%d of %d", "args": ("x",)}))

    missed, failed, broken = lines(stream)
    assert (missed["level"], missed["event"], missed["library"]) == (
        "warning", "missed by 3 s, password=***", "apscheduler.scheduler",
    )  # fmt: skip
    assert (failed["level"], failed["library"], failed["exception"]["type"]) == ("error", "procrastinate", "ValueError")
    assert broken["event"] == "%d of %d"


def test_libraries_obey_the_level() -> None:
    """With `level = "error"` their warnings are not told either."""
    stream = heard("error")
    logging.getLogger("botocore").warning("not told")
    logging.getLogger("botocore").error("told")

    assert [line["event"] for line in lines(stream)] == ["told"]


def test_configured_again_each_line_is_said_once() -> None:
    """A reload replaces where libraries are heard, it adds nothing."""
    first = heard()
    second = heard()
    logging.getLogger("botocore").error("told")

    assert first.getvalue() == ""
    assert len(lines(second)) == 1


def test_warnings_of_python_are_lines_too() -> None:
    """They would stand between the JSON lines otherwise."""
    stream = heard()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old call", DeprecationWarning, stacklevel=1)

    (line,) = lines(stream)
    assert "old call" in line["event"]


def test_a_closed_stream_takes_nothing_down() -> None:
    """An agent whose log nobody reads any more goes on reading clouds."""
    stream = heard()
    stream.close()
    logger().error("store.failed")
    logging.getLogger("botocore").error("told")

    again = heard()
    logger().error("said")
    assert len(lines(again)) == 1


def test_lines_of_many_threads_do_not_mix() -> None:
    """Each line is written whole."""
    stream = heard()
    threads = [
        threading.Thread(target=lambda n=n: [logger(n=n).info("event", i=i) for i in range(50)]) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({(line["n"], line["i"]) for line in lines(stream)}) == 400
