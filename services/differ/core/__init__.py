"""Reading and comparing documents: pure functions, each usable alone.

`extract → segment → align → compare → classify → judge → summarise`
"""
