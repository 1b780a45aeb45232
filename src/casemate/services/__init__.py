"""What each AWS service says and remembers: one folder a service."""
