"""What many decisions come to: counts, as text, as data and as a page; and a table with a row for each request."""
