"""What may not be done, with the sentence for the person who tried."""

from __future__ import annotations


class Refused(Exception):
    """An action that is not allowed or no longer possible; `code` for programs, the message in French for people.

    `field` is the field of the form that is to be mended, when it is one.
    """

    def __init__(self, code: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field
