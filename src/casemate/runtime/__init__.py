"""Where strangers' code and hostile formats run."""
