"""The arithmetic of an evaluation: instants, observations and events in, conclusions out.

Pure: no clock, no database, no network and no log, so the same evidence and the same parameters give the same result on
any machine, years later.  Instants are microseconds since the epoch, UTC, and intervals are half-open.
"""
