"""A file of rules: several by their names, or one that says its own."""

from pathlib import Path

from scscf.rules.model import NamedRuleKeys, RuleKeys, RulesFileKeys
from scscf.yaml_file import YamlFile, read_yaml
from scscf.yaml_model import validate


def read_rules(path: Path) -> dict[str, RuleKeys]:
    """Return the rules of a file by name. Raises InputError with every mistake, each with its place."""
    return rules_of(read_yaml(path))


def rules_of(file: YamlFile) -> dict[str, RuleKeys]:
    """Return the rules of a file's content by name. Raises InputError."""
    if isinstance(file.data, dict) and "rules" not in file.data:
        one = validate(NamedRuleKeys, file)
        return {one.name: RuleKeys(match=one.match, after=one.after, count=one.count, do=one.do)}
    return dict(validate(RulesFileKeys, file).rules)
