"""A pack tried on known cases: the examples in its rules, the scenarios of policy staff, dossiers with their expected
decision; what these cover, which changes of the rules they would not notice, and what a new version of a pack changes.

It knows no programme, and prints nothing: `report` words what it finds.
"""
