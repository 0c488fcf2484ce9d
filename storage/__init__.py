"""Keeps evidence in SQL: documents by hash, changes of verdicts, and one append-only Merkle ledger."""
