"""Commands of `recevable-web`."""
