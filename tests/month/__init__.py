"""The pack of a month."""
