"""Guarded HTTP: every connection goes to an address that was checked, within a deadline and a size.

`shared.http.client` is the fetcher's synchronous client (httpx), `shared.http.connector` the notifier's (aiohttp);
neither is imported here, so a process loads only the library it uses.
"""
