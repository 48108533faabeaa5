"""What GR00T's servers and clients say to each other over ZeroMQ."""
