"""Everything that changes something: one function per change, called by pages, jobs and tests alike.

Each asks for the right, guards the state, writes everything in one transaction, seals an act when the change binds the
agency, and tells the timeline.  What may not be done raises `Refused`, with a sentence for the person.
"""
