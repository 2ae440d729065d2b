"""What the screens are made of. Widgets show state and post messages, nothing else."""
