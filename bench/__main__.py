"""`make bench`: every figure that the documents name, one bench after the other."""

import subprocess
import sys

BENCHES = (
    ("bench.replay_inspections", "--database", "both"),
    ("bench.replay_inspections", "--database", "both", "--kill"),
    ("bench.mixed_model",),
    ("bench.ranks",),
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
