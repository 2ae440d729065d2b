"""Programs of others that ours are measured and tested beside."""
