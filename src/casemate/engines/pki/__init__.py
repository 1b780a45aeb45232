"""Certificates, CAs, CRL/OCSP, ACME messages."""
