"""What would be built and started in containers, read by linters: no engine is needed."""
