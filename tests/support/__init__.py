"""What several tests use: a project on disk, a terminal to type into."""
