"""The worst insider: owns the database and drops its guards, and can recompute everything as honestly as the product.

`unguarded` gives plain SQL without guards and puts them back.  `Forgery` holds all rows in memory, lets a test change
any of them, and rebuilds every hash above the change with the product's own functions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, insert, select, text

from storage import canon, guards, identity, merkle, notes, state
from storage.blobs import PATCH, RAW, Packed, unpack
from storage.prepare import manifest_of
from storage.rows import Key, Outcome, Tally, Target
from storage.tables import EVIDENCE, OUTCOMES, head, map_cache, metadata, result_head

Row = dict[str, Any]
COPIED = (*EVIDENCE, head, result_head, map_cache)


@contextmanager
def unguarded(url: str, *, restore: bool = True) -> Iterator[Connection]:
    """A transaction as owner of the tables, without guards and foreign keys; afterwards both are as they were."""
    engine = create_engine(url)
    try:
        with engine.begin() as conn:
            sqlite = conn.dialect.name == "sqlite"
            conn.execute(text("PRAGMA foreign_keys = OFF" if sqlite else "SET session_replication_role = replica"))
            drop_guards(conn)
            yield conn
            if restore:
                for statement in guards.ddl(conn.dialect.name):
                    if not statement.startswith("CREATE FUNCTION"):
                        conn.execute(text(statement))
    finally:
        engine.dispose()


def drop_guards(conn: Connection) -> None:
    """Remove every guard."""
    for name, statement in guards.expected(conn.dialect.name).items():
        table = statement.split(" ON ")[1].split()[0]
        conn.execute(text(f"DROP TRIGGER {name}" + ("" if conn.dialect.name == "sqlite" else f" ON {table}")))


@contextmanager
def forging(url: str, signer: notes.Signer | None = None) -> Iterator[Forgery]:
    """Change rows in memory; then every hash is recomputed and, with a key, every checkpoint signed anew."""
    with unguarded(url) as conn:
        forged = Forgery(conn)
        yield forged
        forged.rehash()
        if signer is not None:
            forged.resign(signer)
        forged.write(conn)


def change(conn: Connection, statement: str, **values: object) -> None:
    """Run one statement that changes something."""
    assert conn.execute(text(statement), values).rowcount > 0


def value(conn: Connection, query: str, **values: object) -> Any:
    """The first value that a query gives."""
    return conn.execute(text(query), values).scalar_one()


def write_entry(conn: Connection, seq: int, entry: bytes) -> None:
    """Replace an entry and its leaf."""
    change(
        conn,
        "UPDATE ledger SET entry = :entry, leaf = :leaf WHERE seq = :seq",
        entry=entry,
        leaf=merkle.leaf_hash(entry),
        seq=seq,
    )


class Forgery:
    """All evidence and caches as rows in memory."""

    def __init__(self, conn: Connection) -> None:
        """Read everything."""
        self.tables: dict[str, list[Row]] = {
            table.name: [dict(row._mapping) for row in conn.execute(select(table))] for table in COPIED
        }
        self.tables["ledger"].sort(key=lambda row: row["seq"])
        self._shas: dict[int, bytes] = {}
        self._checks: dict[int, str] = {}

    def write(self, conn: Connection) -> None:
        """Replace everything."""
        for table in COPIED:
            conn.execute(text(f"DELETE FROM {table.name}"))  # noqa: S608 - our own names
        for table in metadata.sorted_tables:
            if table in COPIED and self.tables[table.name]:
                conn.execute(insert(table), self.tables[table.name])

    # Contents

    def content(self, bid: int) -> bytes:
        """The bytes of a blob."""
        row = self.one("blob", bid=bid)
        base = self.content(row["base_bid"]) if row["codec"] == PATCH else None
        kept = Packed(row["sha256"], row["codec"], None, row["raw_len"], row["data"])
        return unpack(f"blob {bid}", kept, base)

    def replace(self, bid: int, content: bytes) -> None:
        """Give a blob another content; those that were patches of the old one are kept whole from now on."""
        whole = [(row["bid"], self.content(row["bid"])) for row in self.all("blob", base_bid=bid)]
        for number, body in [(bid, content), *whole]:
            self.one("blob", bid=number).update(_raw(body))

    def keep(self, content: bytes) -> int:
        """Blob number of a content, made when it is new."""
        digest = canon.sha256(content)
        for row in self.all("blob", sha256=digest):
            return int(row["bid"])
        bid: int = 1 + max(row["bid"] for row in self.tables["blob"])
        self.tables["blob"].append({"bid": bid, "media": "application/json", **_raw(content)})
        return bid

    # Rows

    def all(self, table: str, **fields: object) -> list[Row]:
        """Rows with these values."""
        return [row for row in self.tables[table] if all(row[name] == value for name, value in fields.items())]

    def one(self, table: str, **fields: object) -> Row:
        """The first row with these values."""
        return self.all(table, **fields)[0]

    def drop(self, table: str, unwanted: Callable[[Row], bool]) -> None:
        """Take rows out."""
        self.tables[table] = [row for row in self.tables[table] if not unwanted(row)]

    def say(self, position: int, /, **fields: object) -> None:
        """Change fields of a ledger entry; its hashes wait for `rehash`."""
        row = self.one("ledger", seq=position)
        row["entry"] = canon.canonical({**json.loads(row["entry"]), **fields})

    def remove_entries(self, unwanted: Callable[[int], bool]) -> None:
        """Take entries and all that hangs on them out, and close the gap in the numbers."""
        before = [row["seq"] for row in self.tables["ledger"]]
        left = [seq for seq in before if not unwanted(seq)]
        moved = {seq: number for number, seq in enumerate(left)}
        for table in ("ledger", "version", "result", "heartbeat", "volatile", "gap"):
            self.drop(table, lambda row: row["seq"] not in moved)
            for row in self.tables[table]:
                row["seq"] = moved[row["seq"]]
        used = {row["rid"] for table in ("version", "result") for row in self.tables[table]}
        self.drop("resource", lambda row: row["rid"] not in used)
        for row in self.tables["ledger"]:
            row["ref"] = moved.get(row["ref"])
            said = {"seq": row["seq"]} | ({"start": row["ref"]} if row["ref"] is not None else {})
            self.say(row["seq"], **said)
        for row in self.tables["volatile"]:
            row["base_seq"] = moved.get(row["base_seq"])
        sizes = {size: sum(seq < size for seq in left) for size in range(len(before) + 1)}
        gone = {row["size"] for row in self.tables["checkpoint"] if unwanted(row["size"] - 1)}
        for table in ("anchor", "checkpoint"):
            self.drop(table, lambda row: row["size"] in gone)
            for row in self.tables[table]:
                row["size"] = sizes[row["size"]]

    # Hashes

    def rehash(self) -> None:
        """Recompute manifests, roots, entries, leaves, nodes and caches from documents, verdicts and gaps."""
        keys = self._identities()
        self._shas = {row["bid"]: row["sha256"] for row in self.tables["blob"]}
        self._checks = {row["chk"]: row["check_id"] for row in self.tables["check_name"]}
        states: dict[int, tuple[dict[int, Row], dict[tuple[int, int], Row]]] = {}
        previous: dict[int, int] = {}
        first: dict[int, int] = {}
        for row in self.all("ledger", type="run"):
            seq, target_id = row["seq"], row["target_id"]
            documents, verdicts = states.setdefault(target_id, ({}, {}))
            changed = self._apply_versions(seq, keys, documents, first)
            judged = self._apply_results(seq, keys, verdicts, first)
            beat = self.one("heartbeat", seq=seq)
            beat["manifest_bid"] = self._recount(beat["manifest_bid"], verdicts)
            self.say(
                seq,
                prev=previous.get(target_id),
                changes=len(changed),
                result_changes=len(judged),
                change_root=state.change_root(changed).hex(),
                result_change_root=state.change_root(judged).hex(),
                state_root=self._map(keys, documents).root().hex(),
                result_root=self._results_map(keys, verdicts).root().hex(),
                volatile_sha=self.one("volatile", seq=seq)["sha256"].hex(),
                manifest_sha=self.one("blob", bid=beat["manifest_bid"])["sha256"].hex(),
                record_sha=self.one("blob", bid=beat["record_bid"])["sha256"].hex(),
            )
            previous[target_id] = seq
        for row in self.tables["resource"]:
            row["first_seq"] = first[row["rid"]]
        self._cache(keys, states)
        self.grow()

    def resign(self, signer: notes.Signer) -> None:
        """Sign every checkpoint anew over the ledger as it is now, as far as it reaches."""
        leaves = [row["leaf"] for row in self.tables["ledger"]]
        self.drop("checkpoint", lambda row: row["size"] > len(leaves))
        self.drop("anchor", lambda row: row["size"] > len(leaves))
        for row in self.tables["checkpoint"]:
            edge = merkle.CompactRange()
            for leaf in leaves[: row["size"]]:
                edge.append(leaf)
            origin = notes.parse(row["note"]).checkpoint.origin
            row["note"] = notes.sign(origin, row["size"], edge.root(), signer)

    def use_key(self, signer: notes.Signer) -> None:
        """Let the ledger announce another key."""
        for row in self.all("ledger", type="key"):
            self.say(row["seq"], verifier_key=signer.verifier_key())

    def _identities(self) -> dict[int, bytes]:
        """Key hash of each resource."""
        targets = {row["target_id"]: row for row in self.tables["target"]}
        for row in self.tables["resource"]:
            who = targets[row["target_id"]]
            owner = Target(who["cloud"], who["name"], who["account"])
            key = Key(row["kind"], row["uid"], row["region"], row["name"])
            row["key_hash"] = identity.key_hash(owner, key)
        return {row["rid"]: row["key_hash"] for row in self.tables["resource"]}

    def _sha(self, bid: int) -> bytes:
        return self._shas[bid]

    def _apply_versions(
        self, seq: int, keys: dict[int, bytes], documents: dict[int, Row], first: dict[int, int]
    ) -> dict[bytes, bytes | None]:
        """Move on to the documents after an entry; return what changed."""
        changed: dict[bytes, bytes | None] = {}
        for row in self.all("version", seq=seq):
            first.setdefault(row["rid"], seq)
            documents.pop(row["rid"], None)
            changed[keys[row["rid"]]] = None if row["bid"] is None else self._sha(row["bid"])
            if row["bid"] is not None:
                documents[row["rid"]] = {"rid": row["rid"], "seq": seq, "sha256": self._sha(row["bid"])}
        return changed

    def _apply_results(
        self, seq: int, keys: dict[int, bytes], verdicts: dict[tuple[int, int], Row], first: dict[int, int]
    ) -> dict[bytes, bytes | None]:
        """Move on to the verdicts after an entry; return what changed."""
        changed: dict[bytes, bytes | None] = {}
        for row in self.all("result", seq=seq):
            first.setdefault(row["rid"], seq)
            pair = row["chk"], row["rid"]
            before = verdicts.pop(pair, None)
            key = self._result_key(keys, *pair)
            changed[key] = None
            if row["outcome"] is not None:
                unbroken = before is not None and before["outcome"] == row["outcome"]
                since = before["since_seq"] if before is not None and unbroken else seq
                detail = self._sha(row["detail_bid"])
                verdicts[pair] = {**row, "since_seq": since, "detail_sha": detail}
                changed[key] = identity.result_value(row["outcome"], detail)
        return changed

    def _result_key(self, keys: dict[int, bytes], chk: int, rid: int) -> bytes:
        return identity.result_key(self._checks[chk], keys[rid])

    def _map(self, keys: dict[int, bytes], documents: dict[int, Row]) -> merkle.MerkleMap:
        return merkle.MerkleMap.of({keys[rid]: row["sha256"] for rid, row in documents.items()})

    def _results_map(self, keys: dict[int, bytes], verdicts: dict[tuple[int, int], Row]) -> merkle.MerkleMap:
        return merkle.MerkleMap.of(
            {
                self._result_key(keys, *pair): identity.result_value(row["outcome"], row["detail_sha"])
                for pair, row in verdicts.items()
            }
        )

    def _recount(self, bid: int, verdicts: dict[tuple[int, int], Row]) -> int:
        """Blob number of a manifest that counts these verdicts."""
        before = {each["check"]: each for each in json.loads(self.content(bid))["checks"]}
        some = next(iter(before.values()))
        counts: dict[str, dict[Outcome, int]] = {}
        for row in verdicts.values():
            check = counts.setdefault(self._checks[row["chk"]], {})
            outcome = OUTCOMES[row["outcome"]]
            check[outcome] = check.get(outcome, 0) + 1
        tallies = []
        for check_id, count in counts.items():
            like = before.get(check_id, some)
            tallies.append(Tally(check_id, like["code"], like["params"], count))
        return self.keep(manifest_of(tallies))

    def _cache(
        self, keys: dict[int, bytes], states: dict[int, tuple[dict[int, Row], dict[tuple[int, int], Row]]]
    ) -> None:
        """Rebuild the caches of what is in force."""
        for table in ("head", "result_head", "map_cache"):
            self.tables[table].clear()
        for target_id, (documents, verdicts) in states.items():
            own = {"target_id": target_id}
            self.tables["head"] += [
                {**row, **own, "bucket": merkle.bucket_of(keys[row["rid"]])} for row in documents.values()
            ]
            self.tables["result_head"] += [
                {**row, **own, "bucket": merkle.bucket_of(self._result_key(keys, *pair))}
                for pair, row in verdicts.items()
            ]
            maps = (state.DOCUMENTS, self._map(keys, documents)), (state.RESULTS, self._results_map(keys, verdicts))
            self.tables["map_cache"] += [{**own, "map": name, "hashes": built.packed()} for name, built in maps]

    def grow(self) -> None:
        """Leaves and nodes of the entries."""
        self.tables["ledger_node"].clear()
        edge = merkle.CompactRange()
        for row in self.tables["ledger"]:
            row["leaf"] = merkle.leaf_hash(row["entry"])
            self.tables["ledger_node"] += [
                {"level": level, "idx": index, "hash": digest} for level, index, digest in edge.append(row["leaf"])
            ]


def _raw(content: bytes) -> Row:
    """Columns of a content kept as it is."""
    return {
        "sha256": canon.sha256(content),
        "codec": RAW,
        "base_bid": None,
        "raw_len": len(content),
        "data": content,
    }
