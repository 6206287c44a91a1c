"""The Prefect UI as a person uses it, in a headless Chromium."""
