"""How we verify servers."""

import ssl

import certifi


def verified_context() -> ssl.SSLContext:
    """A context that checks certificate and name, trusting the system's authorities and those of certifi.

    Both, since a bare container has no store of its own and an operator's private authority stands in the system's.
    Loading takes some 30 ms: make one for each kind of client and share it.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
