"""Policies: from an observation to absolute joint targets."""
