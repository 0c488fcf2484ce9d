"""Recomputes a store from its bytes up to its checkpoints, believing nothing that it says about itself."""
