"""`make bench`: every figure that the documents name, one bench after the other."""

import subprocess
import sys

BENCHES = (
    ("bench.replay_inspections", "--database", "both"),
    ("bench.replay_inspections", "--database", "both", "--kill"),
    ("bench.sync_push",),
    ("bench.push_parts",),
    ("bench.sync_pull",),
    ("bench.photo_upload",),
    ("bench.foreground",),
    ("bench.prediction",),
    ("bench.ranking", "--stores", "10000", "100000", "--visits", "1000000"),
    ("bench.mixed_model",),
    ("bench.ranks",),
    ("bench.flags",),
)


def main() -> None:
    """Run each; exit 1 if any failed."""
    failed = [
        bench
        for bench in BENCHES
        if subprocess.run([sys.executable, "-m", *bench], check=False).returncode
    ]
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
