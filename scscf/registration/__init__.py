"""Registrations as values: who is bound where, and what a command makes of it (RFC 3261 §10.3, RFC 3680 §4.7)."""
