"""Personal and secret data in bytes of any format."""
