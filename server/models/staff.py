"""Who works in a store: kept to take names out of what shoppers wrote, and for nothing else."""

import peewee

from server.models.base import Editable, Id


class StaffMember(Editable):
    """`role` is what stores read instead of `name`."""

    store_id = Id(index=True)
    role = peewee.TextField()
    name = peewee.TextField()
