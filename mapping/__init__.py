"""What becomes what: pure functions, no clock, no network."""
