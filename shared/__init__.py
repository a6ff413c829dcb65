"""What the services share: words and rules (`domain`), events, the database, the bus, and the guarded ways out."""
