"""The simulated UE that acts by itself: its tables, and what it makes of what it is told (TS 24.229 §5.1.1)."""
