"""The processes of Clausewatch. They meet in the database, in the archive and on the bus, never in memory."""
