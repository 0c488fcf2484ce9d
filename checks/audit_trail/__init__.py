"""Logging, audit trails and what watches them."""
