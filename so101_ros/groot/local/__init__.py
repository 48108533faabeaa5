"""A GR00T checkpoint that answers in this process.

Only what is called from here imports torch and GR00T, and only when a model is loaded.
"""
