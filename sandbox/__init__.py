"""The test environment: Centra, Visma.net and Visma Connect as one local server, with faults."""
