"""What is asked before the visit stands on nothing in it."""

from tests.domain.test_drafts import draft, item, pointers, texts


def test_what_is_asked_before_the_visit_stands_on_nothing_in_it() -> None:
    sound = draft(
        item("comes", before_visit=True),
        item("hopes", before_visit=True, when=[{"item": "comes", "value": True}]),
        item("greeted"),
    )
    assert pointers(sound) == set()
    looks = draft(
        item("greeted"), item("hopes", before_visit=True, when=[{"item": "greeted", "value": True}])
    )
    assert pointers(looks) == {"/draft/sections/0/items/1/before_visit"}
    after = draft(item("greeted"))
    after["sections"].append(
        {"key": "use", "title": texts(), "delay": {"days": 1, "due_days": 1}}
        | {"items": [item("hopes", before_visit=True)]}
    )
    assert pointers(after) == {"/draft/sections/1/items/0/before_visit"}
