"""The generated pages of the documentation, one module each: `page()` gives the Markdown text of the page."""
