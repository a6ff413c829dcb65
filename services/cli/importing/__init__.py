"""`clausewatch import-versions`: an archive of recorded texts becomes a registry that can be browsed."""
