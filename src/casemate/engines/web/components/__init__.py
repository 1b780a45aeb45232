"""The parts of a request that statements inspect: FieldToMatch, and what an application would read from them."""
