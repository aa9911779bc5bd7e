"""What a story is made of."""

from hypothesis import strategies as st

PHONES = st.sampled_from(("phone", "tablet"))
CELLS = st.sampled_from(
    (("greeting", "value"), ("greeting", "note"), ("wait", "value"), ("", "summary"))
)
FATES = st.sampled_from(("offline", "answered", "answered", "answer lost", "request lost"))
PHOTOS = st.sampled_from(("p1", "p2"))
WORDS = st.sampled_from(("new", "new", "new", "null", "old"))
