"""What holds for every dossier, and not only for those that were tried: the rules, put to a solver.

Needs z3 (`recevable[preuves]`); nothing of the engine imports this package, except the verb `recevable prove`.
"""
