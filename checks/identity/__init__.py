"""Who can sign in, with what, and what they may do."""
