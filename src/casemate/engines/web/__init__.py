"""Web request inspection (WAF rules)."""
