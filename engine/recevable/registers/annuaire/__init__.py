"""Evidence from outside registers: what they hold, counted, with a proof that can be checked again.

This package stands apart. It knows the formats of the *Annuaire Santé* extraction and of the list of authorised
domains, and no funding programme: closing dates, thresholds and operators are arguments. It imports nothing from the
rest of `recevable`, and only `cli` imports it, late. Nothing that identifies a person leaves it: what it returns,
prints and writes holds counts and domain names only.

Importing the package itself costs nothing; lxml and signxml are loaded when a list of domains is read.
"""
