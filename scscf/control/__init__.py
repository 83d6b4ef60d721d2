"""The HTTP control API: what the S-CSCF knows, and commands to it, as JSON."""
