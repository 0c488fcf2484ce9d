"""From the store to the conclusions of a period: gather what was known, judge it with the pure engine, tell it.

Conclusions are this tool's evaluation of recorded evidence; the auditor concludes.
"""
