"""Generates the tables of alarms in the runbook and in the gateway's README from the templates."""

import re
from pathlib import Path
from typing import Any

from ops.paths import ROOT
from ops.role_probe import read_template

PAGES = {
    ROOT / "docs/runbook.md": ROOT / "template.yaml",
    ROOT / "gateway/README.md": ROOT / "gateway/template.yaml",
}
"""Pages with a generated table of alarms, each with the template that declares the alarms."""

BEGIN, END = "<!-- made by `make alarms` -->\n", "<!-- end of the alarms -->\n"
_SECTION = re.compile(r"([\w./-]+\.md)#([\w-]+)")


def alarm_table(template: Path, page: Path) -> str:
    """Return a Markdown table of a template's alarms: name, meaning, links to sections of the docs.

    The description of each alarm ends with a section, as ``docs/page.md#section``. Raises
    ValueError if a description names no section, or a section that does not exist.
    """
    resources: dict[str, Any] = read_template(template)["Resources"]
    rows = []
    for name, resource in resources.items():
        if resource["Type"] != "AWS::CloudWatch::Alarm":
            continue
        description = resource["Properties"]["AlarmDescription"]
        meaning, _, named = description.removesuffix(")").rpartition(" (")
        links = section_links(named, page)
        if not links:
            raise ValueError(f"{name}: its description names no section, as (docs/page.md#section)")
        rows.append(f"| `{name}` | {meaning} | {links} |\n")
    return "| alarm | meaning | section |\n|---|---|---|\n" + "".join(rows)


def page_with_table(text: str, table: str) -> str:
    """Return the text of a page with its generated table of alarms replaced by ``table``.

    The table is between the comments ``BEGIN`` and ``END``.
    """
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def write_pages() -> None:
    """Write the generated tables of alarms into the runbook and the gateway's README."""
    for page, template in PAGES.items():
        page.write_text(page_with_table(page.read_text(), alarm_table(template, page)))


def section_links(named: str, page: Path) -> str:
    """Return Markdown links to the sections that a text names, as ``docs/page.md#section``.

    The links are relative to ``page``. Raises ValueError naming a section that does not exist.
    """
    return ", ".join(_link(file, anchor, page) for file, anchor in _SECTION.findall(named))


def _link(file: str, anchor: str, page: Path) -> str:
    """Return a Markdown link from a page to a section, with the section's heading as its text.

    ``file`` is relative to the project's folder. Raises ValueError if the file has no such section.
    """
    path = ROOT / file
    for heading in re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE):
        if re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") == anchor:
            place = "" if path == page else path.relative_to(page.parent, walk_up=True)
            return f"[{heading}]({place}#{anchor})"
    raise ValueError(f"{file} has no section #{anchor}")


if __name__ == "__main__":
    write_pages()
