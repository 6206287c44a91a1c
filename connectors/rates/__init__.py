"""Exchange rates as they are published: one file a source, and what they share."""
