"""What every domain shares: the application, errors, headers, limits, forms, and who asks."""
