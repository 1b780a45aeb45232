"""Records: what services remember."""
