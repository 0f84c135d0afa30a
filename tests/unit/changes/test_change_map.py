"""The map of changes in CONTRIBUTING.md. Each change is worked out on a copy of the project, takes
effect there, and touches the files that the map names.
"""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from emulators.portal.node import find_node
from tests.unit.changes.checkout import ROOT, Checkout, assert_map_is_right
from tests.unit.template.rules import findings, load

LAYER = "layers/common/gridwix"

SHOW_COUNTRY = """
from datetime import UTC, datetime
from gridwix.mapping.texts import Texts
from gridwix.models.trading_grid.partners import Partner
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.projection import PartnerRecords, status_row

at = datetime(2026, 3, 12, tzinfo=UTC)
partner = Partner(
    id="GC1", company_id="HUB", version=1, created_at=at, updated_at=at,
    name="Acme", role="supplier", status="active", country="US",
)
print(status_row(PartnerRecords(partner), Texts(configuration())).country)
"""

EMIT_METRICS = """
import os
os.environ |= {"POWERTOOLS_SERVICE_NAME": "case_opener", "POWERTOOLS_METRICS_NAMESPACE": "gridwix"}
from gridwix.case_opener.queue import CaseQueue
from gridwix.case_opener.service import CaseReport
from gridwix.runtime.observability import metrics

class Opener:
    def handle(self, changes):
        return CaseReport(opened=2, joined=1)

CaseQueue(Opener, lambda: None).process({"Records": []})
metrics.flush_metrics()
"""

SMS = '''"""Text messages."""

from typing import override

from gridwix.partner_messenger.dispatches import Contact, MemberMessage
from gridwix.partner_messenger.ports import MemberChannel


class TextMessages(MemberChannel):
    """Text messages. The provider deduplicates by id."""

    def __init__(self) -> None:
        self.sent: list[MemberMessage] = []

    @property
    @override
    def is_idempotent(self) -> bool:
        return True

    @override
    def can_reach(self, contact: Contact) -> bool:
        return True

    @override
    def send_message(self, message: MemberMessage) -> None:
        self.sent.append(message)
'''

SEND_SMS = """
from gridwix.models.deadline import NO_DEADLINE
from gridwix.partner_messenger.invitations import InvitationCodes
from gridwix.partner_messenger.service import PartnerMessenger
from gridwix.partner_messenger.text_messages import TextMessages
from tests.fakes.messaging import COMPANY, Stage, campaigns, check_passed

stage, sms = Stage(campaigns(review={"channels": ["sms"]})), TextMessages()
messenger = PartnerMessenger(
    source=stage.source, directory=stage.people, outbox=stage.outbox, portal=stage.portal,
    channels={"sms": sms}, enrollments=None, configuration=stage.configuration, clock=stage.clock,
    company_id=COMPANY,
    invitations=stage.invitations, codes=InvitationCodes(dict, ""), pace=stage.pace,
)
messenger.process_changes([check_passed()], NO_DEADLINE)
messenger.process_changes([check_passed()], NO_DEADLINE)
print([message.campaign for message in sms.sent])
"""

OTHER_NETWORK = '''"""Partners of another trading network."""

from datetime import UTC, datetime

from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.partners import Partner
from gridwix.ports import CommunityReader

AT = datetime(2026, 3, 12, tzinfo=UTC)


class OtherNetwork(CommunityReader):
    """Maps the records of the other network to our entities."""

    def partners(self, ids):
        found = {
            "id": ids[0],
            "company_id": "HUB",
            "version": 3,
            "created_at": AT,
            "updated_at": AT,
        }
        name = "Acme of the other network"
        return Listing([Partner(**found, name=name, role="supplier", status="active")])

    def enrollments(self, partner_ids):
        return Listing()

    def compliance_checks(self, partner_ids):
        return Listing()

    def open_cases(self, partner_ids):
        return Listing()

    def record(self, name):
        return self.partners([name.partition("/")[2]]).records[0]


def other_network() -> OtherNetwork:
    """Return the client, from its settings."""
    return OtherNetwork()
'''

PUBLISH_FROM_OTHER_NETWORK = """
from types import SimpleNamespace
from gridwix.publication.publisher import Publisher
from gridwix.status_publisher import wiring
from tests.factories import change
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal
from tests.fakes.stores import FakeRefusedItems

portal, ledger = FakePortal(), MemoryLedger()
wiring.PublisherSettings = SimpleNamespace(from_environment=lambda: None)
wiring.ledger = lambda settings: ledger
wiring.publisher = lambda settings, kept, function, **_: Publisher(
    collections=portal,
    ledger=kept,
    refused_items=FakeRefusedItems(),
    function=function,
    clock=lambda: 0.0,
    hold=90,
)
updated = {"type": "partner.updated", "subject": "partners/GC1", "partnerId": "GC1", "version": 3}
wiring.status_publisher().publish([change("evt_1", **updated)])
print(*[row.data["partnerName"] for row in portal.rows.values()])
"""

COMMAND = '''"""``gridwix version``."""

from ops.command_examples import example
from ops.commands.options import Json
from ops.console import print_result
from ops.json_output import print_json_output
from ops.outputs.version import VersionOutput


@example("gridwix version")
def version(as_json: Json = False) -> None:
    """Show the version."""
    if as_json:
        print_json_output(VersionOutput(name="gridwix"))
    else:
        print_result("gridwix")
'''

OUTPUT = '''"""``gridwix version --json``."""

from ops.json_output import JsonOutput


class VersionOutput(JsonOutput):
    """A version."""

    name: str
'''


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def run_node(checkout: Checkout, code: str) -> str:
    command = [str(find_node()), "--input-type=module", "-e", code]
    done = subprocess.run(command, cwd=checkout.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_field_of_a_portal_row(checkout: Checkout) -> None:
    model, projection = (
        f"{LAYER}/models/portal/partner_status.py",
        f"{LAYER}/status_publisher/projection.py",
    )
    checkout.insert(model, "    country: str | None = None\n", before="    headline: ")
    checkout.insert(
        projection, "        country=partner.country,\n", before="        headline=headline.text,\n"
    )
    column = '    {"key": "country", "displayName": "Country", "type": "TEXT"},\n'
    checkout.insert(
        "portal/collections/PartnerStatus.json", column, before='    {"key": "headline",'
    )
    section = "portal/element/sections/overview.js"
    checkout.insert(
        section,
        "    plainText(row.country, 'p'),\n",
        before="    plainText(ui.textOf(row, 'headline')",
    )

    checkout.make_config()

    assert checkout.output(SHOW_COUNTRY) == "US"
    assert '"country"' in checkout.read("portal/backend/fields.js")
    assert_map_is_right("a field of a portal row", checkout)


def test_event_type(checkout: Checkout) -> None:
    checkout.insert(
        f"{LAYER}/mapping/cloud_events.py",
        '        "partner.merged",\n',
        before='        "partner.updated",\n',
    )
    checkout.insert("docs/events/README.md", "`partner.merged`, ", before="`partner.updated`")
    sample = checkout.read("events/status_publisher/compliance_passed.json")
    merged = sample.replace("compliance.status_changed", "partner.merged")
    checkout.write("events/status_publisher/partner_merged.json", merged)

    known = checkout.output(
        "from gridwix.mapping.cloud_events import KNOWN_TYPES\n"
        "print('partner.merged' in KNOWN_TYPES)"
    )

    assert known == "True"
    # Rules select a record's events by their prefix, so no rule changes.
    rule = load()["Resources"]["StatusPublisherRule"]["Properties"]["EventPattern"]
    assert {"prefix": "partner."} in rule["detail-type"]
    assert_map_is_right("an event type", checkout)


def test_campaign_channel(checkout: Checkout) -> None:
    checkout.edit(
        f"{LAYER}/configuration/campaigns.py", '"inbox", "email"]', '"inbox", "email", "sms"]'
    )
    checkout.write(f"{LAYER}/partner_messenger/text_messages.py", SMS)
    wiring = f"{LAYER}/partner_messenger/wiring.py"
    checkout.insert(
        wiring,
        "from gridwix.partner_messenger.text_messages import TextMessages\n",
        before="from gridwix.partner_messenger.wix_inbox",
    )
    checkout.insert(
        wiring, '            "sms": TextMessages(),\n', before='            "inbox": WixInbox('
    )
    checkout.edit(
        "config/campaigns/case-opened.yaml", "channels: [portal, ", "channels: [portal, sms, "
    )

    checkout.make_config()

    assert checkout.output(SEND_SMS) == "['review']"
    assert_map_is_right("a campaign channel", checkout)


def test_source_other_than_trading_grid(checkout: Checkout) -> None:
    checkout.write(
        f"{LAYER}/clients/other_network/__init__.py", '"""Clients of another trading network."""\n'
    )
    checkout.write(f"{LAYER}/clients/other_network/community.py", OTHER_NETWORK)
    wiring = f"{LAYER}/status_publisher/wiring.py"
    checkout.edit(
        wiring,
        "from gridwix.runtime.trading_grid import community",
        "from gridwix.clients.other_network.community import other_network",
    )
    checkout.edit(wiring, "community(settings)", "other_network()")

    assert checkout.output(PUBLISH_FROM_OTHER_NETWORK) == "Acme of the other network"
    assert_map_is_right("a source other than Trading Grid", checkout)


def test_language(checkout: Checkout) -> None:
    checkout.edit(
        "config/texts.yaml", "languages: [en, de, fr, es]", "languages: [en, de, fr, es, it]"
    )
    checkout.insert(
        f"{LAYER}/mapping/days.py",
        '    "it": DayFormat("{day}/{month}/{year}"),\n',
        before='    "de": DayFormat(',
    )
    checkout.write(
        "portal/element/texts/it.js", "export const it = { 'more.rest': 'Carica il resto' };\n"
    )
    index = "portal/element/texts/index.js"
    checkout.insert(index, "import { it } from './it.js';\n", before="import { en } from")
    checkout.insert(index, "  ['it', it],\n", before="  ['de', de],\n")
    part = "portal/element/texts/lists"
    checkout.write(f"{part}/it.js", "export const it = { 'nav.search': 'Cerca' };\n")
    checkout.insert(f"{part}/index.js", "import { it } from './it.js';\n", before="import { en }")
    checkout.edit(f"{part}/index.js", "{ en, de, fr, es }", "{ en, de, fr, es, it }")

    warnings = checkout.make_config()

    # `make config` names each file that still lacks Italian texts: those are to be touched, too.
    lacking = {
        warning.removeprefix("warning: ").partition(":")[0]
        for warning in warnings
        if "no text in it" in warning
    }
    checkout.touched |= lacking
    assert '"it"' in checkout.read("portal/backend/texts.js")
    day = (
        "from datetime import date\n"
        "from gridwix.mapping.days import format_day\n"
        "print(format_day(date(2026, 3, 16), 'it'))"
    )
    assert checkout.output(day) == "16/3/2026"
    assert '"language":"it"' in run_node(
        checkout,
        f"import {{ createTranslator }} from './{index}';"
        " console.log(JSON.stringify(createTranslator('it')));",
    )
    assert_map_is_right("a language", checkout)


def test_file_type(checkout: Checkout) -> None:
    checkout.insert(
        f"{LAYER}/models/files.py", '    "bmp": "image/bmp",\n', before='    "png": "image/png",\n'
    )
    checkout.insert(
        f"{LAYER}/files/contents.py", '        "bmp": rb"BM",\n', before='        "rtf": rb"'
    )
    checkout.edit("config/documents.yaml", "types: [pdf, ", "types: [pdf, bmp, ")
    checkout.edit("config/intake.yaml", "types: [pdf, ", "types: [pdf, bmp, ")

    checkout.make_config()

    fault = checkout.output(
        "from gridwix.files.contents import beginning_fault\n"
        "print(beginning_fault('scan.bmp', b'BM\\0\\0'))"
    )
    assert fault == "None"
    assert '"bmp"' in checkout.read("portal/backend/forms.js")
    assert_map_is_right("a file type", checkout)


def test_form(checkout: Checkout) -> None:
    known = checkout.read("config/forms/partner-question.yaml")
    # A form of Wix Forms belongs to one of ours.
    asked = re.sub("^wix_forms: .*\n", "", known, flags=re.MULTILINE)
    checkout.write(
        "config/forms/freight-question.yaml",
        asked.replace("Question to the partner desk", "Freight question"),
    )

    checkout.make_config()

    assert '"freight-question"' in checkout.read("portal/backend/forms.js")
    assert_map_is_right("a form", checkout)


def test_name_of_a_collection(checkout: Checkout) -> None:
    old, new = "ServiceNotices", "TradingNotices"
    checkout.move(f"portal/collections/{old}.json", f"portal/collections/{new}.json")
    for path in (
        f"{LAYER}/models/portal/collection_ids.py",
        f"{LAYER}/models/portal/service_notices.py",
        f"{LAYER}/notice_publisher/__init__.py",
        f"portal/collections/{new}.json",
        "portal/backend/rows.js",
        "portal/indexes.json",
        "docs/functions/notice_publisher.md",
        "docs/functions/reconciler.md",
    ):
        checkout.edit(path, old, new)

    checkout.make_config()

    assert checkout.search(rf"\b{old}\b") == []
    assert f'"{new}"' in checkout.read("portal/backend/fields.js")
    assert_map_is_right("the name of a collection", checkout)


@pytest.mark.parametrize(("seconds", "right"), [(1800, True), (60, False)])
def test_time_out_of_a_queue(checkout: Checkout, seconds: int, right: bool) -> None:
    queue = re.search(
        r"  CaseOpenerQueue:\n.*?VisibilityTimeout: (\d+)\n",
        checkout.read("template.yaml"),
        re.DOTALL,
    )
    assert queue is not None
    changed = queue.group(0).replace(
        f"VisibilityTimeout: {queue.group(1)}", f"VisibilityTimeout: {seconds}"
    )
    checkout.edit("template.yaml", queue.group(0), changed)

    found = list(findings(load(checkout.folder / "template.yaml")))

    assert (found == []) is right
    assert_map_is_right("the time-out of a queue", checkout)


def test_metric(checkout: Checkout) -> None:
    queue = f"{LAYER}/case_opener/queue.py"
    checkout.insert(
        queue, '"CasesSeen": report.opened + report.joined, ', before='"CasesOpened": report.opened'
    )

    printed = checkout.output(EMIT_METRICS)

    assert '"CasesSeen":[3.0]' in printed
    assert_map_is_right("a metric", checkout)


def test_command(checkout: Checkout) -> None:
    registry = "ops/outputs/registry.py"
    checkout.write("ops/commands/version.py", COMMAND)
    checkout.write("ops/outputs/version.py", OUTPUT)
    checkout.insert(
        registry,
        "from ops.outputs.version import VersionOutput\n",
        before="\nOUTPUTS",
    )
    checkout.insert(registry, '    "version": VersionOutput,\n', before="}\n")
    checkout.insert(
        "ops/cli.py", '    "version": "ops.commands.version:version",\n', before='    "campaign": '
    )
    checkout.insert("docs/command.md", "| `version` | nothing | |\n", before="| `redrive` | queues")

    done = checkout.python(
        "import sys\nsys.argv = ['gridwix', 'version', '--json']\nfrom ops.cli import main\nmain()"
    )
    made = checkout.python("ops.schemas", module=True)

    assert (done.returncode, json.loads(done.stdout)) == (0, {"name": "gridwix"}), done.stderr
    assert made.returncode == 0, made.stderr
    schema = json.loads(checkout.read("docs/command/version.schema.json"))
    assert schema["title"] == "gridwix version --json"
    assert_map_is_right("a command", checkout)


def test_second_site(checkout: Checkout) -> None:
    options = checkout.read("samconfig.toml")
    staging = re.search(r"\[staging\.global\.parameters\]\n.*?(?=\n\[prod)", options, re.DOTALL)
    assert staging is not None
    checkout.write("samconfig.toml", options + "\n" + staging.group(0).replace("staging", "second"))

    second = tomllib.loads(checkout.read("samconfig.toml"))["second"]

    assert second["global"]["parameters"]["stack_name"] == "gridwix-second"
    # Both stacks may be in one account: no resource has a fixed name that the second one could not
    # take.
    names = {"FunctionName", "QueueName", "TableName", "BucketName", "RoleName", "AlarmName"}
    properties = {
        name: resource.get("Properties", {}) for name, resource in load()["Resources"].items()
    }
    assert [
        name
        for name, own in properties.items()
        if any(isinstance(own.get(key), str) for key in names)
    ] == []
    assert_map_is_right("a second site", checkout)


def test_map_has_a_test_for_each_change() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split("## Where to change what", 1)[1].split("\n## ", 1)[0]
    changes = [
        line.strip("|").split("|")[0].strip()
        for line in section.splitlines()
        if line.startswith("| ")
    ][1:]

    tested = re.findall(
        r'assert_map_is_right\("([^"]+)"', Path(__file__).read_text(encoding="utf-8")
    )

    assert sorted(changes) == sorted(tested)
