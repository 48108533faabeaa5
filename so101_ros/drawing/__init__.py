"""What several plots have in common."""
