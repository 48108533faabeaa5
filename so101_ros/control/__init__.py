"""From where the hand should be to what the joints should do, within limits."""
