"""Imports what the services import, in the process that they are forked from; that process runs nothing else.

Code that is imported before a fork is in memory once, and takes its two seconds of CPU once, whatever the number of
services.
"""

import gc
import importlib
import os
import signal

from services.cli.embedded.dying import die_with_parent

SERVICES = (
    "services.cli.main",
    "services.cli.worker",
    "services.cli.sample.serve",
    "shared.bus.scheduling",
    "services.fetcher.worker",
    "services.differ.worker",
    "services.notifier.worker",
    "services.api.app",
)

# A closed terminal, Ctrl-C or a service manager ends the supervisor, which ends the services in order; this process
# ends when the supervisor has, and not before. (Services that find the supervisor gone end by themselves.)
die_with_parent()
os.setsid()
signal.signal(signal.SIGTERM, signal.SIG_IGN)

for _name in SERVICES:
    importlib.import_module(_name)

gc.collect()
gc.freeze()  # a collection writes to all that it looks through, and what is written to is no longer shared
