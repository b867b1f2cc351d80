"""Run a pack on known cases: examples in rules, scenarios of policy staff, dossiers with their expected decision.

It also measures their coverage, finds changes of the rules that they miss (mutation), and compares two versions of a
pack (impact).  It is independent of any programme and prints nothing: `report` formats the results.
"""
