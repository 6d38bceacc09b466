"""deploy/compose.yaml, as far as it can be read without a container engine."""

import re

from tests.prepared import HERE


def test_every_setting_of_the_manual_reaches_the_containers():
    manual = (HERE / "README.md").read_text().partition("## Settings")[2]
    rows = re.findall(r"^\| (`.*?) \|", manual, re.MULTILINE)
    names = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert len(names) > 30
    given = set(re.findall(r"^    ([A-Z_]+):", (HERE / "deploy/compose.yaml").read_text(), re.MULTILINE))
    assert names - given - {name.removesuffix("_FILE") for name in given} == set()
