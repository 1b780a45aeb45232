"""Cryptographic keys and ciphertext formats."""
