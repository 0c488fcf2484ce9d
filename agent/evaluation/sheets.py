"""The sheets of the documents behind deviations: each field by which an auditor judges completeness and accuracy.

What a field lacks is named, never made up: runs of the first releases kept no version of the provider's interface.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from agent import clock, standing
from agent.audit import clocks, ipe
from agent.audit.ipe import Accuracy, Collected, Completeness, Origin, Times
from agent.audit.parameters import Parameters
from agent.audit.state import Deviation
from agent.evaluation.chain import Chain
from agent.evaluation.gather import Known
from agent.evaluation.periods import Evaluation
from agent.evidence import Source, proofs
from agent.wiring import Wiring
from storage import reads
from storage.engine import Store

CANONICAL = "JSON as the provider answered, members sorted by name, without white space"
_ROLE = "assumed-role/"


def of_evaluation(store: Store, wiring: Wiring, found: Evaluation) -> list[dict[str, Any]]:
    """For each deviation of the controls that were asked for, the sheet of each document behind it."""
    return [
        {
            "control": control,
            "check": found.known.subjects[one.interval.unit].check,
            "resource": found.known.subjects[one.interval.unit].uid,
            "observed_at": clock.iso(one.interval.last_fail_at),
            "documents": _of_deviation(store, wiring, found.known, one, found.parameters),
        }
        for control, each in found.controls.items()
        for part in each.parts
        if part.state
        for one in part.state.deviations
    ]


def lines(sheets: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The same for people, in short; JSON has every field."""
    for each in sheets:
        yield f"{each['control']}, {each['check']}, {each['resource']}, observed {each['observed_at']}"
        for one in each["documents"]:
            origin, whole, integrity = one["origin"], one["completeness"], one["integrity"]
            lacks = [*(f"without {name}" for name in one["missing"]), *one["failed"], *one["notes"]]
            yield f"  {one['kind']} {one['uid']}: {'; '.join((one['status'], *lacks))}"
            yield (
                f"    {origin['service']}:{origin['operation']} in {origin['region']} by {origin['caller']}, "
                f"requests {', '.join(origin['request_ids'])}; {whole['pages']} pages, {whole['items']} items"
            )
            yield (
                f"    clock {one['reading']['quality']}; SHA-256 {one['accuracy']['sha256']}; {integrity['location']}, "
                f"leaf {integrity['chain_hash']}"
            )


def _of_deviation(
    store: Store, wiring: Wiring, known: Known, one: Deviation, parameters: Parameters
) -> list[dict[str, Any]]:
    """The sheet of each document that the last failing observation rests on."""
    subject, as_of = known.subjects[one.interval.unit], one.interval.last_fail_at
    who = subject.target
    found = [
        each
        for each in standing.findings(store, wiring, as_of=as_of)
        if (each.check, each.cloud, each.target, each.resource_type, each.resource)
        == (subject.check, who.cloud, who.name, subject.kind, subject.uid)
    ]
    sources = [source for proof in proofs(store, wiring, found, as_of) for source in proof.documents]
    with store.read() as conn:
        chain = Chain(conn)
        return [_sheet(conn, chain, known, subject.check, source, parameters) for source in sources]


def _sheet(
    conn: Connection, chain: Chain, known: Known, check: str, source: Source, parameters: Parameters
) -> dict[str, Any]:
    """One document with all of its fields, and what is to be said of them."""
    seq = source.first.seq
    entry = orjson.loads(chain.entry(seq).entry)
    record = orjson.loads(reads.run_record(conn, seq))
    said = orjson.loads(reads.manifest(conn, seq))
    call = source.call
    provider = clock.from_datetime(parsedate_to_datetime(call["provider_date"])) if call["provider_date"] else None
    offset = (entry.get("clock") or {}).get("median")
    reading = clocks.read(call["started"], None if offset is None else call["started"] - offset, parameters)
    tally: dict[str, Any] = next((each for each in said["checks"] if each["check"] == check), {})
    location = f"ledger entry {seq}, content {source.sha256}"
    collected = Collected(
        origin=_origin(entry, record, source),
        times=Times(
            agent=call["started"],
            provider=provider,
            received=entry["recorded_at"],
            offset=offset,
            duration=call["duration"],
        ),
        completeness=_completeness(record, call),
        accuracy=Accuracy(
            sha256=source.sha256,
            redacted=tuple(path for path, _ in source.redacted),
            canonicalization=CANONICAL,
            collector_version=entry["code_digest"],
            check_version=tally.get("code"),
            parameters=tally.get("params"),
            results=sum(tally["counts"].values()) if tally else None,
        ),
        integrity=chain.integrity(seq, location, broken=seq in known.trust.broken),
        quality=reading.quality,
    )
    parts = (collected.origin, collected.times, collected.completeness, collected.accuracy, collected.integrity)
    return {
        "kind": source.kind,
        "uid": source.uid,
        **ipe.automated(collected).to_json(),
        "reading": reading.to_json(),
        **{type(part).__name__.lower(): ipe.values(part) for part in parts},
    }


def _origin(entry: Mapping[str, Any], record: Mapping[str, Any], source: Source) -> Origin:
    identity, call = record["identity"], source.call
    _, assumed, rest = identity["caller"].partition(_ROLE)
    return Origin(
        cloud=identity["cloud"],
        account=entry["target"]["account"],
        region=call["region"],
        service=call["service"],
        operation=call["operation"],
        parameters=call["parameters"],
        api_version=call.get("api_version") or None,
        endpoint=call["endpoint"],
        request_ids=tuple(call["request_ids"]),
        caller=identity["caller"],
        role=rest.partition("/")[0] if assumed else "none assumed",
    )


def _completeness(record: Mapping[str, Any], call: Mapping[str, Any]) -> Completeness:
    unread = {gap["region"] for gap in record["gaps"] if gap["kind"] == "*"}
    regions = tuple(record["regions"])
    return Completeness(
        pages=call["pages"],
        last_page=call["complete"],
        items=call["items"],
        regions_expected=regions,
        regions_read=tuple(region for region in regions if region not in unread),
        errors=(call["error"],) if call["error"] else (),
        filters=(),
        sampling="none",
    )
