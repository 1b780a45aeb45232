"""Generated TypedDicts of requests and responses."""
