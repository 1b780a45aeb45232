"""Denial-of-service detection and decisions."""
