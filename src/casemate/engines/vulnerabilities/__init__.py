"""Package inventory, advisories, matching, reachability, code."""
