"""A small estate on loopback, so that anybody can see the agent work without an account anywhere."""
