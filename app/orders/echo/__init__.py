"""The look-ups of what happens to orders because of something else."""
