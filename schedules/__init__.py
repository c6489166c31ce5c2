"""What happens by the clock: one module a job, discovered."""
