"""`python -m server.cli`, the same as `promessa`."""

from server.cli import main

main(prog_name="promessa")
