"""Backups, retention and recoverability."""
