"""Stories: what takes several steps of the machine to go wrong."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.choices import CELLS, PHONES, PHOTOS
from tests.machine.machine import SyncMachine


class Storyteller(SyncMachine):
    """The machine, whose steps may be whole stories."""

    @rule(name=PHONES, cell=CELLS)
    def overtaken(self, name: str, cell: tuple[str, str]) -> None:
        """A push is delayed; the next, with another value, comes before it."""
        self.fill_in(name, cell, "new", "request lost")
        delayed = self.requests[-1]
        self.fill_in(name, cell, "new", "answered")
        self.server.push(delayed)

    @rule(name=PHONES, cell=CELLS)
    def unanswered(self, name: str, cell: tuple[str, str]) -> None:
        """A push is taken in and not answered; the other phone goes on from it; both sync."""
        self.fill_in(name, cell, "new", "answer lost")
        self.fill_in_elsewhere("new", "answered")
        self.sync_with(name, "answered")
        self.late_copy(name)

    @rule(name=PHONES, cell=CELLS)
    def crossed(self, name: str, cell: tuple[str, str]) -> None:
        """Both phones change a cell, and the one pushes between the other's pull and push."""
        self.fill_in(name, cell, "new", "offline")
        self.pull(name)
        self.fill_in_elsewhere("new", "answered")
        self.send(self.request(name))
        self.receive_all()

    @rule(name=PHONES, cell=CELLS)
    def beside(self, name: str, cell: tuple[str, str]) -> None:
        """One phone changes a cell between the pull and the push of the other, which changes the
        row elsewhere."""
        key = cell[0]
        other = (key, "note") if cell[1] == "value" else (key, "value") if key else cell
        self.fill_in(name, other, "new", "answered")
        self.fill_in(name, other, "new", "offline")
        self.pull(name)
        self.last = (name, cell)
        self.fill_in_elsewhere("new", "answered")
        self.send(self.request(name))
        self.receive_all()

    @rule(name=PHONES, cell=CELLS)
    def out_of_date(self, name: str, cell: tuple[str, str]) -> None:
        """The server is restored while one phone is long out of date, with what the other wrote."""
        other = "tablet" if name == "phone" else "phone"
        self.fill_in(other, cell, "new", "answered")
        self.settle()
        self.fill_in(other, cell, "new", "answered")
        self.back_up_server(False)
        self.fill_in(other, cell, "new", "answered")
        self.back_up_server(True)
        self.late_copy(name)
        self.sync_with(name, "answered")

    @rule(name=PHONES, photo=PHOTOS | st.none())
    def in_parts(self, name: str, photo: str | None) -> None:
        """A report is submitted in one push, what it declares comes in the next."""
        self.fill_in(name, ("wait", "value"), "new", "offline")
        if photo is not None:
            self.photograph(name, photo, "shelf")
        self.submit(name, "offline")
        self.pull(name)
        request = self.request(name)
        request.changes = {"reports": request.changes["reports"]}
        self.send(request)
        self.receive_all()
        self.sync_with(name, "answered")

    @rule(name=PHONES, cell=CELLS)
    def put_back(self, name: str, cell: tuple[str, str]) -> None:
        """A phone is put back from its backup, with an edit that the server has long known."""
        self.fill_in(name, cell, "new", "offline")
        self.back_up_phone(name, False)
        self.sync_with(name, "answered")
        self.fill_in(name, cell, "new", "answered")
        self.back_up_phone(name, True)
        self.sync_with(name, "answered")

    @rule(name=PHONES, photo=PHOTOS)
    def thrown_away(self, name: str, photo: str) -> None:
        """A photo that both phones have is deleted on one."""
        self.photograph(name, photo, "shelf")
        self.settle()
        self.photograph(name, photo, "")
        self.settle()

    @rule(name=PHONES, photo=PHOTOS)
    def thrown_away_too_late(self, name: str, photo: str) -> None:
        """A photo is deleted after the report that declares it froze."""
        self.photograph(name, photo, "shelf")
        self.submit(name, "answered")
        self.photograph(name, photo, "")
        self.sync_with(name, "answered")

    @rule(name=PHONES, photo=PHOTOS)
    def without_bytes(self, name: str, photo: str) -> None:
        """A report froze, and the jobs run before its photo is stored."""
        self.photograph(name, photo, "shelf")
        self.submit(name, "answered")
        self.bytes_arrive("none")

    @rule(name=PHONES, cell=CELLS)
    def kept_beside(self, name: str, cell: tuple[str, str]) -> None:
        """What came too late, and was not answered, comes again after the report was returned."""
        self.fill_in(name, cell, "new", "offline")
        self.submit(name, "answered")
        self.fill_in(name, cell, "new", "answer lost")
        self.decide("return_")
        self.late_copy(name)
