"""What the application stores.  Every change of state goes through `recevable_web.actions`."""
