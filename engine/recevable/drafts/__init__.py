"""Write what a change of the law needs in a pack: schema, requirement, rule, examples and scenario, from a few answers.

A kind of change is a module of `kinds`: its questions, and what it writes on a `Desk`, which holds the files of a pack
in memory.  Texts are inserted where they belong and no file is written anew; expected results are computed by the
engine, for a person to read.  Nothing here asks, prints or writes a file.
"""
