"""``gridwix secret``: nothing is shown, nothing that cannot work is stored, old entries stay."""

import getpass
import json
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from gridwix.errors import ConfigurationError, Unauthenticated, Unavailable
from ops.cli import app
from ops.commands import secret as command
from ops.paths import ROOT
from ops.secret_probes import check_secret
from ops.secrets import asking, proof
from ops.secrets.forms import FIELDS, SecretName, judge_secret
from ops.secrets.proof import NotAccepted, Unproved, Uses, check_replaced, try_credentials
from ops.stack import Stack
from tests.fakes.secrets_manager import FakeSecretsManager
from tests.fakes.wix_webhooks import public_pem

NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_dGhlLXNlY3JldC1hZnRlci10aGUtcm90YXRpb24hIQ=="
HUB, WIX, KEYS = "gridwix/trading-grid/webhook", "gridwix/wix/webhook", "gridwix/wix/credentials"
GRID = "gridwix/trading-grid/credentials"
STORED = datetime(2026, 11, 29, tzinfo=UTC)


class World:
    """A stack whose secrets can be set. ``typed`` is what the person types, ``asked`` the prompts,
    ``tried`` what was tried against a service, which raises ``refusal``.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
        self.secrets = FakeSecretsManager(**values)
        self.typed: list[str] = []
        self.asked: list[str] = []
        self.tried: list[Any] = []
        self.refusal: Exception | None = None
        self.uses = Uses(0.0, 0.0)
        aws: Any = SimpleNamespace(secrets=self.secrets)
        stack = Stack("gridwix", {}, aws)
        monkeypatch.setattr(Stack, "read", lambda *_: stack)
        monkeypatch.setattr(
            Stack, "settings", lambda *_: SimpleNamespace(trading_grid_auth_mode="apigrid")
        )
        monkeypatch.setattr(asking, "has_terminal", lambda: True)
        monkeypatch.setattr(getpass, "getpass", self._type)
        monkeypatch.setattr(command, "try_credentials", self._try)
        monkeypatch.setattr(command, "read_uses", lambda *_: self.uses)

    def run(self, *words: str, code: int = 0, stdin: str | None = None) -> str:
        result = CliRunner().invoke(app, ["secret", *words], input=stdin, env={"COLUMNS": "200"})
        assert result.exit_code == code, (result.output, result.exception)
        assert NEW[6:] not in result.output
        assert OLD[6:] not in result.output
        return result.output + str(result.exception or "")

    def _type(self, prompt: str, stream: Any = None) -> str:
        self.asked.append(prompt)
        return self.typed.pop(0)

    def _try(self, _: Stack, name: SecretName, value: Any) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.tried.append(value)
        return f"{name} works"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(
        monkeypatch,
        **{HUB: {"secrets": [OLD]}, GRID: {"consumerKey": "k", "communityConsumerKey": "c"}},
    )


def test_new_signing_secret_is_asked_for_and_goes_before_the_old_one(world: World) -> None:
    world.typed = [NEW]

    said = world.run("set", "trading-grid/webhook", "--yes")

    assert world.secrets.value(HUB) == {"secrets": [NEW, OLD]}
    assert world.asked == ["secrets (not shown): "]
    assert "--remove-old" in said


def test_same_secret_again_changes_nothing(world: World) -> None:
    world.typed = [OLD]

    assert "nothing was changed" in world.run("set", "trading-grid/webhook", "--yes")
    assert world.secrets.puts == 2


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "is blank"),
        ("whsec_é", "outside ASCII"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-w", "is no base64"),
        ("whsec_b2xkIGtleQ==", "is short"),
    ],
)
def test_value_that_cannot_work_is_refused_in_a_sentence(
    world: World, typed: str, words: str
) -> None:
    world.typed = [typed]

    assert words in world.run("set", "trading-grid/webhook", "--yes", code=1)
    assert world.secrets.value(HUB) == {"secrets": [OLD]}


@pytest.mark.parametrize(
    ("name", "field", "typed", "sentence"),
    [
        ("trading-grid/credentials", "consumerKey", "a:b", "consumerKey must not contain a colon"),
        ("wix/credentials", "apiKey", "a b", "apiKey must be visible ASCII characters"),
        ("wix/automation", "emailUrl", "ftp://a", "emailUrl must be an address that begins with"),
    ],
)
def test_fault_of_a_new_value_follows_the_name_of_its_field(
    world: World, name: str, field: str, typed: str, sentence: str
) -> None:
    world.typed = [typed]

    said = world.run("set", name, "--field", field, "--yes", code=1)

    assert f"nothing was stored: {sentence}" in said


def test_fault_of_a_stored_value_that_is_no_text_follows_the_name_of_its_field() -> None:
    (verdict,) = judge_secret(SecretName.WIX_CREDENTIALS, {"apiKey": 7})

    assert f"{verdict.where} {verdict.fault}" == "apiKey is no text"


def test_key_in_pem_is_asked_for_line_by_line(world: World) -> None:
    world.typed = public_pem().strip().split("\n")

    world.run("set", "wix/webhook", "--field", "publicKeys", "--yes")

    assert world.secrets.value(WIX) == {"publicKeys": [public_pem().strip()]}


def test_value_may_come_from_a_file_or_from_standard_input(world: World, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"\ufeff{NEW}\r\n")

    world.run("set", "trading-grid/webhook", "--file", str(file), "--yes")
    world.run(
        "set", "wix/webhook", "--field", "signingSecrets", "--file", "-", "--yes", stdin=NEW + "\n"
    )

    assert world.secrets.value(HUB) == {"secrets": [NEW, OLD]}
    assert world.secrets.value(WIX) == {"signingSecrets": [NEW]}
    assert world.asked == []


def test_several_fields_come_as_a_json_object(world: World) -> None:
    values = {"consumerKey": "new-key", "consumerSecret": "new-secret"}

    world.run("set", "trading-grid/credentials", "--file", "-", "--yes", stdin=json.dumps(values))

    assert world.secrets.value(GRID) == {**values, "communityConsumerKey": "c"}
    assert world.tried == [world.secrets.value(GRID)]


@pytest.mark.parametrize("text", ["confidential", "[1]", '{"consumerKey": "confidential"}'])
def test_malformed_file_is_refused_without_its_content(world: World, text: str) -> None:
    said = world.run("set", "trading-grid/credentials", "--file", "-", "--yes", code=1, stdin=text)

    assert "confidential" not in said


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (NotAccepted("it is refused", "give another"), "it is refused: give another"),
        (Unproved("no answer", "wait"), "no answer: wait. --untried"),
    ],
)
def test_credentials_that_were_not_seen_to_work_are_not_stored(
    world: World, refusal: Exception, words: str
) -> None:
    world.refusal, world.typed = refusal, ["new-key", "new-secret"]
    before = world.secrets.value(GRID)

    assert words in world.run("set", "trading-grid/credentials", "--yes", code=1)
    assert world.secrets.value(GRID) == before


def test_former_credentials_come_back(world: World) -> None:
    world.typed = ["new-key", "new-secret"]
    before = world.secrets.value(GRID)
    world.run("set", "trading-grid/credentials", "--yes")

    world.run("restore", "trading-grid/credentials", "--yes")

    assert world.secrets.value(GRID) == before


def test_restore_without_a_previous_value_says_so(world: World) -> None:
    said = world.run("restore", "wix/webhook", "--yes", code=1)

    assert "no previous value" in said
    assert "`gridwix secret set wix/webhook`" in said


@pytest.mark.parametrize("is_first", [True, False])
def test_way_back_is_named_once_there_is_one(world: World, is_first: bool) -> None:
    world.typed = ["https://manage.wix.example/1", "https://manage.wix.example/2"]

    said = world.run("set", "wix/automation", "--yes")
    if not is_first:
        said = world.run("set", "wix/automation", "--yes")

    assert ("gridwix secret restore wix/automation" in said) is not is_first


def test_old_entries_stay_until_the_new_one_was_seen_to_work(world: World) -> None:
    world.typed = [NEW]
    world.run("set", "trading-grid/webhook", "--yes")

    refused = world.run("set", "trading-grid/webhook", "--remove-old", "--yes", code=1)
    assert "nothing was removed" in refused
    assert world.secrets.value(HUB) == {"secrets": [NEW, OLD]}

    world.uses = Uses(datetime.now(UTC).timestamp(), 0.0)
    world.run("set", "trading-grid/webhook", "--remove-old", "--yes")
    assert world.secrets.value(HUB) == {"secrets": [NEW]}


@pytest.mark.parametrize(
    ("now", "uses", "words"),
    [
        (timedelta(minutes=8), Uses(0, 0), "wait 2 minutes"),
        (timedelta(hours=2), Uses(0, 0), "nothing that the new one has signed"),
        # Before the functions had fetched the list, the first place was another entry's.
        (timedelta(hours=2), Uses(STORED.timestamp() + 60, 0), "nothing that the new one"),
        (timedelta(hours=2), Uses(STORED.timestamp() + 900, STORED.timestamp() + 3900), "old one"),
        (timedelta(hours=2), Uses(STORED.timestamp() + 900, STORED.timestamp() + 900), ""),
    ],
)
def test_first_entry_is_proved_by_what_the_functions_have_counted(
    now: timedelta, uses: Uses, words: str
) -> None:
    said = ""
    try:
        check_replaced(uses, stored_at=STORED.timestamp(), now=(STORED + now).timestamp())
    except (NotAccepted, Unproved) as error:
        said = str(error)

    assert said.startswith(words) if not words else words in said


def test_entries_that_cannot_be_used_are_removed_and_the_others_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(monkeypatch, **{HUB: {"secrets": ["whsec_#", OLD, 7, NEW, OLD]}})

    world.run("set", "trading-grid/webhook", "--remove-unusable", "--yes")

    assert world.secrets.value(HUB) == {"secrets": [OLD, NEW]}


def test_check_names_each_entry_by_its_place_and_shows_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = [NEW, "whsec_confidential!", NEW, 7]
    keys = {"apiKey": "has a space", "confidential name": "x"}
    world = World(monkeypatch, **{HUB: {"secrets": entries}, KEYS: keys})

    said = world.run("check", code=1)

    assert "secrets, place 1" in said
    for words in ("is no base64", "the same as place 1", "is no text", "visible ASCII"):
        assert words in said
    assert "a field of another name" in said
    assert "has no value" in said
    assert "--field FIELD --remove-unusable" in said
    assert "confidential" not in said


def test_check_of_good_secrets_ends_with_zero(world: World) -> None:
    assert "can be used" in world.run("check", "trading-grid/webhook")


@pytest.mark.parametrize(
    "words",
    [
        ("set", "wix/webhook"),
        ("set", "wix/webhook", "--field", "secrets"),
        ("set", "wix/credentials", "--remove-old"),
        ("set", "people/invitation-key"),
        ("set", "trading-grid/webhook", "--remove-old", "--file", "-"),
    ],
)
def test_command_line_that_means_nothing_is_refused(world: World, words: Sequence[str]) -> None:
    world.run(*words, code=2)


def test_without_a_terminal_a_value_has_to_come_from_a_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "has_terminal", lambda: False)

    assert "--file" in world.run("set", "trading-grid/webhook", "--yes", code=2)


def test_change_that_nobody_agreed_to_stores_nothing(world: World) -> None:
    world.run("set", "trading-grid/webhook", "--file", "-", code=2, stdin=NEW)

    assert world.secrets.value(HUB) == {"secrets": [OLD]}


def test_two_who_set_a_secret_at_once_lose_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.typed = [NEW]
    asked = world._type

    def ask_while_another_stores(prompt: str, stream: Any = None) -> str:
        world.secrets.put_secret_value(SecretId=HUB, SecretString='{"secrets": []}')
        return asked(prompt)

    monkeypatch.setattr(getpass, "getpass", ask_while_another_stores)
    said = world.run("set", "trading-grid/webhook", "--yes", code=1)

    assert "somebody else has changed gridwix/trading-grid/webhook" in said
    assert world.secrets.value(HUB) == {"secrets": []}
    assert world.secrets.value(HUB, "AWSPREVIOUS") == {"secrets": [OLD]}
    world.typed = [NEW]
    monkeypatch.setattr(getpass, "getpass", asked)
    world.run("set", "trading-grid/webhook", "--yes")
    assert world.secrets.value(HUB) == {"secrets": [NEW]}


def test_restore_goes_to_the_value_that_was_the_previous_one_when_it_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.secrets.put_secret_value(SecretId=HUB, SecretString='{"secrets": [1]}')

    def agree_while_another_stores(*_: object, **__: object) -> None:
        world.secrets.put_secret_value(SecretId=HUB, SecretString='{"secrets": [2]}')

    monkeypatch.setattr(command, "confirm_change", agree_while_another_stores)
    said = world.run("restore", "trading-grid/webhook", code=1)

    assert "nothing was changed: somebody else has changed gridwix/trading-grid/webhook" in said
    assert world.secrets.value(HUB) == {"secrets": [2]}
    assert world.secrets.value(HUB, "AWSPREVIOUS") == {"secrets": [1]}


def test_list_that_was_restored_just_now_is_not_known_to_be_in_use(world: World) -> None:
    world.typed = [NEW]
    world.run("set", "trading-grid/webhook", "--yes")
    now = datetime.now(UTC)
    world.uses, world.secrets.changed = Uses(now.timestamp(), 0.0), now

    assert "wait 10 minutes" in world.run(
        "set", "trading-grid/webhook", "--remove-old", "--yes", code=1
    )


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Unauthenticated("no", system="wix", status=401), NotAccepted),
        (Unavailable("no", system="wix", status=503), Unproved),
    ],
)
def test_answer_of_the_service_decides_what_is_known_of_credentials(
    monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[Exception]
) -> None:
    read: list[Any] = []

    class Connected:
        def __init__(self, *_: Any, read_secret: Any, **__: Any) -> None:
            read.append(read_secret("arn:wix"))

        def __enter__(self) -> Any:
            raise_it = SimpleNamespace(list_collections=self._fail)
            return SimpleNamespace(wix=raise_it)

        def __exit__(self, *_: object) -> None: ...

        def _fail(self) -> Any:
            raise error

    settings = SimpleNamespace(
        wix_credentials_secret="arn:wix", trading_grid_credentials_secret="arn:grid"
    )
    stack: Any = SimpleNamespace(
        settings=lambda *_: settings, aws=SimpleNamespace(secrets=FakeSecretsManager())
    )
    monkeypatch.setattr(proof, "connect", Connected)

    with pytest.raises(kind):
        try_credentials(stack, SecretName.WIX_CREDENTIALS, {"apiKey": "new"})

    assert read == [{"apiKey": "new"}]


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ({}, "--field for each of the four"),
        ({"communityConsumerKey": "c", "communityConsumerSecret": "s"}, "it is refused"),
    ],
)
def test_gateway_that_issues_its_own_tokens_is_named_with_what_to_give(
    added: dict[str, str], words: str
) -> None:
    def refuse(_: object) -> None:
        raise Unauthenticated("no", system="trading_grid", status=401)

    connections: Any = SimpleNamespace(community=SimpleNamespace(partner_ids=refuse))
    value = {"consumerKey": "k", "consumerSecret": "s", **added}

    with pytest.MonkeyPatch.context() as patch, pytest.raises(NotAccepted, match=words):
        patch.setattr(proof, "connect", lambda *_, **__: nullcontext(connections))
        settings = SimpleNamespace(trading_grid_credentials_secret="arn:grid")
        stack: Any = SimpleNamespace(
            settings=lambda *_: settings, aws=SimpleNamespace(secrets=FakeSecretsManager())
        )
        try_credentials(stack, SecretName.TRADING_GRID_CREDENTIALS, value)


@pytest.mark.parametrize("value", [None, {}])
def test_remedy_of_doctor_is_a_command_that_asks(
    world: World, value: dict[str, Any] | None
) -> None:
    if value is not None:
        world.secrets.put_secret_value(SecretId=WIX, SecretString=json.dumps(value))
    aws: Any = SimpleNamespace(secrets=world.secrets)

    with pytest.raises(ConfigurationError) as error:
        check_secret(Stack("gridwix", {}, aws), WIX, [("publicKeys",)])
    command_line = str(error.value).split("`")[1]
    world.typed = public_pem().strip().split("\n")
    world.run(*command_line.split()[2:], "--yes")

    assert world.secrets.value(WIX) == {"publicKeys": [public_pem().strip()]}


def test_policy_of_the_docs_writes_the_secrets_that_the_command_sets_and_the_budget() -> None:
    policy = json.loads((ROOT / "docs/secrets-policy.json").read_text())
    reading = ("Get", "List", "Describe")
    writes = {
        (action, resource)
        for statement in policy["Statement"]
        for action in _listed(statement["Action"])
        if not action.partition(":")[2].startswith(reading)
        for resource in _listed(statement["Resource"])
        if action.partition(":")[0] == resource.split(":")[2]
    }

    assert writes == {
        (f"secretsmanager:{action}", f"arn:aws:secretsmanager:*:*:secret:STACK/{of}/*")
        for action in ("PutSecretValue", "UpdateSecretVersionStage")
        for of in ("trading-grid", "wix")
    } | {("dynamodb:UpdateItem", "arn:aws:dynamodb:*:*:table/STACK-BudgetTable-*")}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_every_field_of_the_docs_can_be_set() -> None:
    documented = (ROOT / "docs/settings.md").read_text().partition("## Secrets")[2]

    for name, fields in FIELDS.items():
        row = next(line for line in documented.split("\n") if f"<stack>/{name}`" in line)
        assert {field for field in fields if field in row} == set(fields)
