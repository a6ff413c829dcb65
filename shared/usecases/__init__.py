"""What owners and operators do, whichever door they come in by: the command line, the REST API or the pages."""
