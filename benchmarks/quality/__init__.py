"""How good the scores are: each against truth that nobody here made, or that was planted. One module a score."""
