"""What an error has to say: what is wrong, of which setting or secret, and what to do."""

import re
from typing import Any

import pytest

from gridwix.errors import ConfigurationError, GridwixError, InvalidEvent
from gridwix.models import secret_names
from ops.errors import OpsError, StackError
from ops.next_steps import AWS_DEFAULT, AWS_STEPS, NEXT_STEPS
from ops.paths import ROOT
from ops.secrets.forms import SecretName


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"setting": "WIX_SITE_ID"}, "setting WIX_SITE_ID is not set: deploy again"),
        ({"secret": "wix/webhook"}, "secret wix/webhook is not set: deploy again"),
    ],
)
def test_configuration_error_names_the_setting_or_secret_and_what_to_do(
    named: dict[str, str], message: str
) -> None:
    arguments: Any = named

    error = ConfigurationError("is not set", **arguments, remedy="deploy again")

    assert (str(error), error.code) == (message, "configuration")
    assert (error.name, error.fault) == (*named.values(), "is not set")


@pytest.mark.parametrize(
    "arguments",
    [
        {"remedy": "deploy again"},
        {"setting": "", "remedy": "deploy again"},
        {"setting": "A", "secret": "b", "remedy": "deploy again"},
        {"setting": "A", "remedy": ""},
        {"setting": "A"},
    ],
)
def test_configuration_error_that_leaves_something_unsaid_cannot_be_raised(
    arguments: dict[str, Any],
) -> None:
    with pytest.raises(TypeError):
        ConfigurationError("is not set", **arguments)


def test_messages_name_secrets_as_the_command_does() -> None:
    named = {value for name, value in vars(secret_names).items() if name.isupper()}

    # The stack generates this one, and nobody sets it.
    assert named == {*SecretName, secret_names.INVITATION_KEY}


def codes(kind: type[GridwixError]) -> set[str]:
    """Return the codes of an error and of all below it."""
    return {kind.code}.union(*(codes(one) for one in kind.__subclasses__()))


def test_command_knows_a_next_step_for_every_error_of_the_functions() -> None:
    # A configuration error brings its own.
    assert set(NEXT_STEPS) == codes(GridwixError) - {ConfigurationError.code}
    assert all([*NEXT_STEPS.values(), *AWS_STEPS.values(), AWS_DEFAULT])


@pytest.mark.parametrize("kind", [OpsError, StackError])
def test_error_of_the_command_says_what_to_do(kind: type[OpsError]) -> None:
    error = kind("there is no stack x", "name it with --stack")

    assert str(error) == "there is no stack x: name it with --stack"
    assert (error.fault, error.remedy) == ("there is no stack x", "name it with --stack")
    assert str(kind("a\nb", "see the log")) == "a\nb\nsee the log"
    with pytest.raises(TypeError):
        kind("there is no stack x")  # type: ignore[call-arg]


def test_invalid_event_names_the_member_and_its_fault() -> None:
    error = InvalidEvent("subject", "is no case")

    assert (error.member, str(error).partition(":")[0]) == ("subject", "subject is no case")
    assert str(InvalidEvent("time")).startswith("time is missing or malformed: ")


def test_no_function_raises_an_error_without_a_message() -> None:
    names = "|".join(one.__name__ for one in GridwixError.__subclasses__())
    # A pattern of a match statement looks the same.
    bare = re.compile(rf"^(?! *(?:case|\|) ).*\b(?:{names})\(\)", re.MULTILINE)
    sources = (ROOT / "layers/common/gridwix").rglob("*.py")

    assert [
        (str(path), found) for path in sources for found in bare.findall(path.read_text())
    ] == []
