"""Captures: files of packets, written and read, and what goes to a Homer."""
