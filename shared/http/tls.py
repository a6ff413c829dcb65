"""How we verify servers."""

import os
import ssl
from functools import cache

import certifi


def verified_context() -> ssl.SSLContext:
    """A context that checks certificate and name, trusting the system's authorities and those of certifi.

    Both, since a bare container has no store of its own and an operator's private authority stands in the system's.
    Loading takes some 30 ms and 3 MB, so that all clients of a process share one; none may change it.
    """
    return _loaded(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


def made_context() -> ssl.SSLContext:
    """Another such context, for whoever adds to it."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@cache
def _loaded(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """One for each place in which OpenSSL looks for the system's authorities (SSL_CTX_set_default_verify_paths)."""
    return made_context()
