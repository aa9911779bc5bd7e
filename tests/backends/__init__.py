"""Real servers for the tests, started from wheels: PostgreSQL, Valkey, Swift (S3 with SigV4).

Each `start()` gives a running server on the loopback, over a folder of its own:

    with postgres.start() as server:
        server.url; server.kill(); server.restart(); server.stop()

A server dies with the thread that started it, however that ends (Linux). `fixtures` shares one of
each between all pytest workers.
"""
