"""Diameter (RFC 6733) and its Cx application (TS 29.229): sans-IO."""
