"""The `scscf` command."""

from scscf.cli.main import main

__all__ = ["main"]
