"""`python -m sidecar` is the command `vip-sidecar`."""

from sidecar.cli.main import main

raise SystemExit(main())
