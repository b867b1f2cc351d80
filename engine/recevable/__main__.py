"""`python -m recevable`: the same as the `recevable` command."""

from recevable.cli import main

if __name__ == "__main__":
    main()
