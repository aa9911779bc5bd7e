"""Regions, a tree per brand."""

import peewee

from server.models.base import Editable, Id


class Region(Editable):
    """`path` is the ids from the root to this region, each followed by a slash: a subtree is
    everything whose path begins with its root's path."""

    name = peewee.TextField()
    code = peewee.TextField(null=True)
    parent_id = Id(null=True)
    path = peewee.CharField(max_length=2000, index=True)

    class Meta:
        indexes = ((("brand_id", "code"), True),)
