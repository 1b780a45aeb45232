"""What rooms of one floor tell each other: plain structs and Protocols."""
