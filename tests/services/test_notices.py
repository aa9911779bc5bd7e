"""Every code of a notice is on the page that app developers read, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_code_is_documented() -> None:
    section = (ROOT / "docs/sync.md").read_text().split("## Notices")[1].split("## ")[0]
    documented = set(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE))
    sources = [*ROOT.glob("server/services/**/*.py"), ROOT / "server/domain/wire.py"]
    code = "\n".join(path.read_text() for path in sources)
    named = {one for one in documented if f'"{one}"' in code}
    assert documented == named
    used = set(re.findall(r'code(?:, message)? = "([a-z-]+)"', code))
    used |= set(re.findall(r'say\(\s*[^()]*?\.id,\s*"([a-z-]+)"', code))
    used |= set(re.findall(r'record,\s*"([a-z-]+)",', code))
    assert len(used) >= 10
    assert used <= documented
