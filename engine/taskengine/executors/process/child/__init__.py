"""What happens in a task's own process."""
