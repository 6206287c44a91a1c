"""The five steps of every direction: extract, map, dedupe, load, reconcile."""
