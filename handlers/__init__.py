"""What people ask for: one module a thing, discovered, each with its router."""
