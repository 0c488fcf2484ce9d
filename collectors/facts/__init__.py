"""The shared vocabulary: frozen, typed statements that mean the same on every cloud."""
