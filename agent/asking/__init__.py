"""An auditor's question: the verdicts, what surrounds them, and what can be shown from outside the database."""
