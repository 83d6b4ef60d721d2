"""The page about rules: its examples are rules, and it names every key."""

import re
from pathlib import Path

from scscf.rules.file import rules_of
from scscf.rules.model import ACTIONS, MatchKeys
from scscf.yaml_file import parse_yaml

GUIDES = Path(__file__).parents[2] / "docs" / "guides"


def examples(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", (GUIDES / page).read_text("utf-8"), re.DOTALL)


def test_the_examples_are_rules() -> None:
    found = [rules_of(parse_yaml(text, "rules.md")) for text in examples("rules.md")]

    assert {keys.do.action for rules in found for keys in rules.values()} == set(ACTIONS)
    assert rules_of(parse_yaml(examples("quirks.md")[1], "quirks.md"))


def test_every_key_is_explained() -> None:
    text = (GUIDES / "rules.md").read_text("utf-8")

    assert [name for name in MatchKeys.model_fields if f"| `{name}` |" not in text] == []
    assert [name for name in ACTIONS if f"| `{name}" not in text] == []
