"""What the API and its pages read: platforms, documents, versions, provisions and changes, by pages and filters."""
