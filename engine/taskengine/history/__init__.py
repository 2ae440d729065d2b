"""What ran: the interface of a history, and the one that lives in memory."""
