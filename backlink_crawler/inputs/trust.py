"""The domains from which trust comes while the user has named none."""

from __future__ import annotations

import tomllib
from importlib import resources


def default_trust_seeds() -> dict[str, str]:
    """Domain → what it is. Why these: trust_seeds.toml."""
    kinds: dict[str, list[str]] = tomllib.loads(
        resources.files(__package__).joinpath("trust_seeds.toml").read_text("utf-8")
    )
    return {domain: kind.replace("_", " ") for kind, domains in kinds.items() for domain in domains}
