"""What a programme tells applicants before they file anything: the page of each profile, and a simulation.

Nothing here keeps anything; `pack.applicants` reads what a pack says in its own words.
"""
