"""The ASGI application: the API for programs and the pages for people."""
