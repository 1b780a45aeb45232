"""The tour: every promise as an executable scenario through the public AWS APIs, its refusals included."""
