"""A state machine over the real sync service: what may happen to two phones and a server, in any
order, and what must hold whatever happened (docs/sync.md)."""
