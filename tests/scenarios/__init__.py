"""Whole lives of sales, each in a file of its own with what must stand at its end."""
