"""`recevable batch`: the command, the journal that an interruption leaves usable, the processes that share the work."""
