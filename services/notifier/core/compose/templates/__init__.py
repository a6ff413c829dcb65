"""The email templates: a text and an HTML file for each kind of notice."""
