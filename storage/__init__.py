"""Keeps evidence: content-addressed documents, verdict transitions and one append-only Merkle ledger in SQL."""
