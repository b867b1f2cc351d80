"""The site of a pack: its rules as pages for lawyers, built by Sphinx from the pack."""
