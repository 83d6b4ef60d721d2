"""Schemas that ship with the package: reginfo documents, the files that users write, the control API."""
