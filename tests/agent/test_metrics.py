"""What Prometheus is told of this process."""

from __future__ import annotations

import re

from agent.metrics import CODES, Metrics
from collectors.provenance import Call
from tests.agent.exposition import labels, scrape
from tests.house.tree import ROOT


def call(error: str = "", *, complete: bool = False, collector: str = "aws.s3.buckets", service: str = "s3") -> Call:
    """One call and its answer."""
    return Call(
        number=1,
        collector=collector,
        service=service,
        operation="ListBuckets",
        region="us-east-1",
        endpoint="https://s3.us-east-1.amazonaws.com",
        parameters={},
        started=0,
        duration=1,
        pages=1,
        items=0,
        attempts=1,
        request_ids=(),
        provider_date="",
        complete=complete,
        error=error,
    )


def test_runs_are_counted_and_timed() -> None:
    """By target and status; the histogram holds how long they took."""
    metrics = Metrics()
    metrics.run_finished("prod", "complete", 4.0)
    metrics.run_finished("prod", "partial", 40.0)
    metrics.run_finished("lab", "complete", 1.0)
    found = scrape(metrics)

    assert found["proofkeep_runs_total"] == {
        labels(target="prod", status="complete"): 1,
        labels(target="prod", status="partial"): 1,
        labels(target="lab", status="complete"): 1,
    }
    assert found["proofkeep_run_seconds_sum"][labels(target="prod")] == 44
    assert found["proofkeep_run_seconds_bucket"][labels(target="prod", le="5.0")] == 1
    assert found["proofkeep_run_seconds_bucket"][labels(target="prod", le="60.0")] == 2


def test_calls_are_counted_by_what_was_answered() -> None:
    """An answer is ok, also one that says that there is none; a failure goes by the provider's code."""
    metrics = Metrics()
    metrics.calls([
        call(complete=True),
        call("NoSuchBucketPolicy", complete=True),
        call("AccessDenied"),
        call("AccessDenied"),
        call("malformed answer: KeyError 'Owner'"),
        call(),
        call("x" * 65),
        call("AccessDenied", collector="azure.storage.accounts", service="storage"),
    ])  # fmt: skip

    assert scrape(metrics)["proofkeep_calls_total"] == {
        labels(cloud="aws", service="s3", code="ok"): 2,
        labels(cloud="aws", service="s3", code="AccessDenied"): 2,
        labels(cloud="aws", service="s3", code="other"): 3,
        labels(cloud="azure", service="storage", code="AccessDenied"): 1,
    }


def test_codes_cannot_fill_the_memory() -> None:
    """An endpoint that invents a code for each call gets a bounded number of series, and none of ours is lost."""
    metrics = Metrics()
    metrics.calls([call("AccessDenied")])
    metrics.calls([call(f"Code{n}") for n in range(10 * CODES)])
    metrics.calls([call("AccessDenied"), call(complete=True)])
    found = scrape(metrics)["proofkeep_calls_total"]

    assert len(found) == CODES + 2
    assert found[labels(cloud="aws", service="s3", code="other")] == 9 * CODES + 1
    assert found[labels(cloud="aws", service="s3", code="AccessDenied")] == 2
    assert found[labels(cloud="aws", service="s3", code="ok")] == 1


def test_slots_and_deliveries_are_counted() -> None:
    """By target; by route and result."""
    metrics = Metrics()
    metrics.missed("prod", 3)
    metrics.missed("prod", 1)
    metrics.delivery("chat", "sent")
    metrics.delivery("chat", "retried")
    metrics.delivery("chat", "sent")
    found = scrape(metrics)

    assert found["proofkeep_missed_slots_total"] == {labels(target="prod"): 4}
    assert found["proofkeep_deliveries_total"] == {
        labels(route="chat", result="sent"): 2,
        labels(route="chat", result="retried"): 1,
    }


def test_who_leads_is_asked_at_each_scrape() -> None:
    """The gauge follows the process."""
    metrics, leads = Metrics(), [False]
    before = scrape(metrics)["proofkeep_leader"][()]
    metrics.leader(lambda: leads[0])
    standby = scrape(metrics)["proofkeep_leader"][()]
    leads[0] = True

    assert (before, standby, scrape(metrics)["proofkeep_leader"][()]) == (0, 0, 1)


def test_verification_is_told_after_the_first() -> None:
    """Absent while nobody knows, then the newest result."""
    metrics = Metrics()
    before = scrape(metrics)
    metrics.verified(clean=True)
    clean = scrape(metrics)["proofkeep_verification_clean"][()]
    metrics.verified(clean=False)

    assert "proofkeep_verification_clean" not in before
    assert (clean, scrape(metrics)["proofkeep_verification_clean"][()]) == (1, 0)


def test_two_processes_in_one_share_nothing() -> None:
    """Each object has a registry of its own, with the Python process in it and no series that nobody asked for."""
    first, second = Metrics(), Metrics()
    first.missed("prod", 1)
    found = scrape(first)

    assert "proofkeep_missed_slots_total" not in scrape(second)
    assert found["process_resident_memory_bytes"][()] > 0
    assert "python_gc_collections_total" in found
    assert [name for name in found if name.endswith("_created")] == []
    ((version, one),) = found["proofkeep_build_info"].items()
    assert version[0][1]
    assert one == 1


def test_hostile_labels_stay_labels() -> None:
    """A name with quotes and line ends is one label of one sample."""
    metrics = Metrics()
    hostile = 'a"} 1\nproofkeep_leader 1\n\\'
    metrics.missed(hostile, 1)

    assert scrape(metrics)["proofkeep_missed_slots_total"] == {labels(target=hostile): 1}
    assert scrape(metrics)["proofkeep_leader"][()] == 0


def test_every_name_in_the_source_is_one_of_ours() -> None:
    """Names are written out in the source, where those who write rules and dashboards look for them."""
    source = (ROOT / "agent/metrics.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"(proofkeep_\w+)"', source))

    assert names == {
        "proofkeep_alerts_open", "proofkeep_build_info", "proofkeep_calls_total",
        "proofkeep_checkpoint_timestamp_seconds", "proofkeep_control_state", "proofkeep_database_bytes",
        "proofkeep_deliveries_total", "proofkeep_findings", "proofkeep_gaps", "proofkeep_heartbeat_timestamp_seconds",
        "proofkeep_last_run_timestamp_seconds", "proofkeep_leader", "proofkeep_ledger_entries",
        "proofkeep_missed_slots_total", "proofkeep_outbox_messages", "proofkeep_run_seconds", "proofkeep_runs_total",
        "proofkeep_store_up", "proofkeep_target_stale", "proofkeep_verification_clean",
    }  # fmt: skip
