"""How an AWS request travels: protocols, signatures, the pipeline."""
