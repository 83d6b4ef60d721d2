"""Scenarios: one YAML file is one test of a registrar, or of a UE (docs/scenarios.md)."""
