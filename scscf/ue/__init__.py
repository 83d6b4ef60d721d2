"""The simulated UE: a user agent that registers, subscribes and answers as told (RFC 3261 §10.2, RFC 3680 §4)."""
