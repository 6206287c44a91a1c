"""The pages say what the code does, and nothing else."""
