"""Answers that were recorded, and how they are kept."""
