"""`run`: the sidecar itself, in the foreground. This process becomes the router."""

from argparse import Namespace

from sidecar.cli.begin import begin


def execute(arguments: Namespace) -> int:
    """Run the verb."""
    return begin(str(arguments.config), arguments.observer_user)
