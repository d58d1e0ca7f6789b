"""Training on Amazon SageMaker: what goes there, what comes back, and what runs in its containers."""
