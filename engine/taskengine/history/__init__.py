"""What ran: the interface of a history, one in memory, and one in a file of the project."""
