"""Amazon Web Services: the provider, its recording session, and one file for each thing read."""
