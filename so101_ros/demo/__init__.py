"""Watching and recording a running graph through seeded episodes, and the files that leaves."""
