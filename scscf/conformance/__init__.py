"""What the standards ask of each side, held against the messages that are seen of it."""
