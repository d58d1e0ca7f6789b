"""The steps from a question to its answer, a module each; ``metrics.run`` lists them."""
