"""Formats a decision or a diagnostic as French text, JSON or one line of JSON; decides nothing, reads no file."""
