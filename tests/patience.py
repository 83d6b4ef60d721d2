"""How long a test waits for another process: a time-out is for what never comes, on a machine with other work too."""

PATIENCE = 60.0
"""Seconds."""
