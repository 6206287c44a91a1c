"""Real processes, killed in the middle of a run, end where undisturbed ones do."""
