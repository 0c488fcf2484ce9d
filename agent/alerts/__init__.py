"""Tells people, once and in time, when a control starts to fail or when evidence stops arriving."""
