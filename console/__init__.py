"""The command line, and what starts the servers behind it."""
