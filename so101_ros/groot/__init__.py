"""GR00T as a base policy: profile, contract, providers, and what turns answers into motion.

Nothing here imports torch or GR00T before a local model is asked for.
"""
