"""What the provider watches for the company, whom it tells, and what it found."""
