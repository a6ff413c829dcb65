"""The sample platform, a fictional AI company on localhost, and a receiver for its webhooks."""
