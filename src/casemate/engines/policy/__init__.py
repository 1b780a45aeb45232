"""Who may do what: the IAM policy language and its evaluation."""
