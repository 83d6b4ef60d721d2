"""How a request of a user, or to one, is passed on (RFC 3261 §16, TS 24.229 §5.4.3): rules without I/O."""
