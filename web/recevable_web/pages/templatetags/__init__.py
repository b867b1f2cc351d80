"""The words of templates."""
