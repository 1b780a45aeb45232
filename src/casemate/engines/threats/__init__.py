"""Threat detection over logs."""
