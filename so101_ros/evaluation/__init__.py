"""Judging policies and running graphs by numbers."""
