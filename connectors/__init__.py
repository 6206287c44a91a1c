"""How to talk to each system; nothing here knows the other one, or Prefect."""
