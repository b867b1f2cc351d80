"""Analysis a pack for what it says, without any dossier: every fault that can be seen in the files themselves."""
