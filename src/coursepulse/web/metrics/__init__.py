"""The metrics over HTTP, and the pages that explain them."""
