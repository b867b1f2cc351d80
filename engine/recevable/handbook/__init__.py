"""The site of a pack: its rules as pages that a lawyer can read, built by Sphinx from what the pack itself says."""
