"""What workers do outside of any request: they take work under a lease, do it, and take the next."""
