"""What the merchant decides: one frozen model a connection, and how it is loaded."""
