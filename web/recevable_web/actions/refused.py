"""What may not be done, said to the person who tried."""

from __future__ import annotations


class Refused(Exception):
    """An action that is not allowed or no longer possible; `code` for programs, the message in French for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message
