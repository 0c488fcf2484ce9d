"""Recomputes a store from its bytes up to its signed checkpoints, believing nothing that it says about itself."""
