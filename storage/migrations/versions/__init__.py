"""One module for each released schema change, oldest first."""
