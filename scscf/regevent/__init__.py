"""Telling watchers the truth: the `reg` event package (RFC 3680) on SIP event notification (RFC 6665)."""
