"""The metadata for the Serverless Application Repository agree with the repository, and SAM's
settings tag every stack.
"""

import re
import tomllib
from typing import Any

import pytest

from ops.bundle import GATEWAY, GRIDWIX, Application
from ops.paths import ROOT
from tests.unit.template.rules import load

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
APPLICATIONS = pytest.mark.parametrize(
    "application", [GRIDWIX, GATEWAY], ids=["gridwix", "gateway"]
)


def metadata(application: Application) -> dict[str, Any]:
    template = load(ROOT / application.folder / "template.yaml")
    found: dict[str, Any] = template["Metadata"]["AWS::ServerlessRepo::Application"]
    return found


@APPLICATIONS
def test_published_application_has_the_projects_version_license_and_readme(
    application: Application,
) -> None:
    published, folder = metadata(application), ROOT / application.folder

    assert published["SemanticVersion"] == PYPROJECT["version"]
    assert published["SpdxLicenseId"] == PYPROJECT["license"]
    assert (folder / published["LicenseUrl"]).resolve() == ROOT / "LICENSE"
    assert (folder / published["ReadmeUrl"]).resolve() == (folder / "README.md").resolve()
    assert (folder / published["ReadmeUrl"]).is_file()
    assert (ROOT / "LICENSE").read_text().startswith(f"{published['SpdxLicenseId']} License")


@APPLICATIONS
def test_published_application_keeps_to_the_repositorys_limits(application: Application) -> None:
    """See https://docs.aws.amazon.com/serverlessrepo/latest/devguide/applications-applicationid.html."""
    published = metadata(application)

    assert re.fullmatch(r"[a-zA-Z0-9-]{1,140}", published["Name"])
    assert re.fullmatch(r"[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?", published["Author"])
    assert 0 < len(published["Description"]) <= 256
    assert 0 < len(published["Labels"]) <= 10
    assert all(re.fullmatch(r"[a-zA-Z0-9+\-_:/@]{1,127}", one) for one in published["Labels"])
    assert published["HomePageUrl"] == published["SourceCodeUrl"]


def test_published_applications_have_names_of_their_own() -> None:
    assert metadata(GRIDWIX)["Name"] == PYPROJECT["name"]
    assert metadata(GATEWAY)["Name"] == f"{PYPROJECT['name']}-gateway"


@APPLICATIONS
def test_every_environment_tags_its_stack(application: Application) -> None:
    name = metadata(application)["Name"]
    configured = tomllib.loads((ROOT / application.folder / "samconfig.toml").read_text())
    environments = {
        environment: settings["deploy"]["parameters"]["tags"]
        for environment, settings in configured.items()
        if isinstance(settings, dict)
    }

    assert environments.pop("default") == f"application={name}"
    assert environments.keys() == {"local", "staging", "prod"}
    for environment, tags in environments.items():
        assert tags == f"application={name} environment={environment}"


@APPLICATIONS
def test_every_environment_has_a_stack_of_its_own(application: Application) -> None:
    configured = tomllib.loads((ROOT / application.folder / "samconfig.toml").read_text())
    names = [
        settings["global"]["parameters"]["stack_name"]
        for settings in configured.values()
        if isinstance(settings, dict)
    ]

    assert len(names) == len(set(names)) == 4
