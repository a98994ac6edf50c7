"""The words of `run` as they are mostly written, read without argparse, for which every start would wait."""

CONFIG = "/etc/vip-sidecar/config.yaml"
_NAMES = {"-c": "file", "--config": "file", "--observer-user": "user"}


def options(words: list[str]) -> tuple[str, str | None] | None:
    """Return the configuration file and the text of `--observer-user`.

    None: they are for argparse, which knows more spellings, shows help and says what is wrong.
    """
    found: dict[str, str] = {}
    for option, value in zip(words[::2], [*words[1::2], "-"], strict=False):
        name = _NAMES.get(option)
        if name is None or name in found or value.startswith("-") or not value:
            return None
        found[name] = value
    return found.get("file", CONFIG), found.get("user")
