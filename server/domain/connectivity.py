"""Which stores can be compared by their visits: those that a chain of shoppers connects."""

import numpy as np
import scipy

from server.domain.cells import Cells, Ints


def blocks(cells: Cells, n_stores: int) -> Ints:
    """The block of each store, from 1 up, the largest first; of equally large ones that of the
    first store. Two stores are in one block if a chain leads from one to the other: a shopper who
    visited both, or stores between them. Without one, a lenient shopper and a good store look the
    same. A store of no visits is a block of its own."""
    n_shoppers = int(cells.shopper.max(initial=-1)) + 1
    size = n_stores + n_shoppers
    ends = (cells.store, n_stores + cells.shopper)
    graph = scipy.sparse.coo_array((np.ones(len(cells.store)), ends), shape=(size, size))
    label = scipy.sparse.csgraph.connected_components(graph, directed=False)[1][:n_stores]
    found, first, inverse, count = np.unique(
        label, return_index=True, return_inverse=True, return_counts=True
    )
    number = np.empty(len(found), dtype=np.int64)
    number[np.lexsort((first, -count))] = np.arange(1, len(found) + 1)
    return number[inverse]
