"""What the connector costs: calls an order, time and memory, measured again by anyone."""
