"""Wires the main job together: configuration, runs, judgement, verification and the command line."""
