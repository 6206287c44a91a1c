"""The control room for real: server, worker, receiver and sandboxes, killed and started."""
