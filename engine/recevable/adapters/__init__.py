"""Adapters to the exports of other portals: bytes of an export into dossiers, pieces and faults.

What a label of a portal means for a programme is in the pack (`import.yaml`); an adapter only knows the form of an
export.  Nothing is guessed: a value that the pack does not map is a fault, never a datum.
"""
