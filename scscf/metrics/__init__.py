"""How often and how long: plain numbers that are counted where things happen, and what they are called outside."""
