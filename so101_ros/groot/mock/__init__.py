"""Answers without a model: held, or wrong on request."""
