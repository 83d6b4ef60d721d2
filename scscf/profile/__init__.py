"""What the HSS says of a user: implicit registration sets and service profiles (TS 29.228 §B, TS 23.228 §5.2)."""
