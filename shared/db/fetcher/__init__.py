"""The fetcher's repository: host slots, claims of due documents, what checks brought, and what retention lets go."""
