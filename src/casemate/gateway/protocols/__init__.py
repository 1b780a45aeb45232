"""The AWS wire protocols, driven by the published service models."""
