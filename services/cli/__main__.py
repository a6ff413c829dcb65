"""`python -m services.cli`: what the supervisor starts its children with."""

from services.cli.main import main

main()
