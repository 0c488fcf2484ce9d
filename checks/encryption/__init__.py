"""Encryption at rest and in transit, keys and secrets."""
