"""Scenes that differ from seed to seed: distributions, the files that hold them, and draws."""
