"""See `commands`."""
