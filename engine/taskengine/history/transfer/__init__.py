"""A history as a text that other programs can read, and back."""
