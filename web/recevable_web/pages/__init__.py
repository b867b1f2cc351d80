"""The pages: thin, in French.  They read dossiers through `rights.visible` and change things through actions only."""
