"""Trains the model that finds names and addresses: see docs/model-card.md."""
