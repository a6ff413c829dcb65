"""The web API: the few routes that mail and receivers need. Consumes and emits no event; asks nobody to log in.

Owns reviews. Who may do what is said by the link: its token is signed for one purpose and one endpoint.
"""
