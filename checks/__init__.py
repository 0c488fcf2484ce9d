"""Judge facts: pure functions from cloud-neutral facts to findings, the criteria and the control library."""
