"""Static analysis of a pack, without any dossier: the faults visible in the files themselves."""
