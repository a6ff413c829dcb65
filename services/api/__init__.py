"""The web: REST under `/api/v1`, the pages, feeds, sign-in, and what links in mails lead to.

Consumes no event. What documents say is public; what an account owns takes a session or an API key (`identity`), and a
link in a mail is signed for one purpose and one endpoint.
"""
