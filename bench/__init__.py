"""What a message costs: a running server on one core, a loader on the other, UDP over loopback."""
