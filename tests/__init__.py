"""The tests of the connector and of its sandbox."""
