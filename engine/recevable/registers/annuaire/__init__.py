"""Evidence from the *Annuaire Santé*: counts of its contents, with a proof that can be checked again.

This package is independent of the rest of `recevable`, which it does not import; only `cli` imports it, when needed. It
handles the formats of the extraction and of the list of authorised domains; closing dates, thresholds and operators are
arguments. It never outputs personal data: results contain only counts and domain names.

Importing the package is fast; lxml and signxml are loaded when a list of domains is read.
"""
