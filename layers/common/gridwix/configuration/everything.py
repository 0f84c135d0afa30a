"""Model of the whole configuration, the folder ``config/``."""

from collections.abc import Mapping

from pydantic import field_validator

from gridwix.configuration.audiences import Audiences
from gridwix.configuration.base import Config, Key
from gridwix.configuration.campaigns import Campaign
from gridwix.configuration.case_rules import CaseRules
from gridwix.configuration.documents import Documents
from gridwix.configuration.forms import FormDefinition
from gridwix.configuration.intake import Intake
from gridwix.configuration.labels import LabelGroup
from gridwix.configuration.messaging import Messaging
from gridwix.configuration.ownership import Ownership
from gridwix.configuration.people import People
from gridwix.configuration.roles import Roles
from gridwix.configuration.routing import Routing
from gridwix.models.texts import PortalTexts


class Configuration(Config):
    """The whole configuration: the content of all files in the folder ``config/``.

    ``labels`` has the groups of ``config/labels.yaml`` by field, such as ``case.status``. ``forms``
    and ``campaigns`` have an entry for each file, by the file's name.
    """

    labels: Mapping[str, LabelGroup]
    audiences: Audiences
    ownership: Ownership
    case_rules: CaseRules
    forms: Mapping[Key, FormDefinition]
    routing: Routing
    intake: Intake
    documents: Documents
    campaigns: Mapping[Key, Campaign]
    messaging: Messaging
    roles: Roles
    texts: PortalTexts
    # A version that an earlier release has published has none.
    people: People = People()

    @field_validator("forms")
    @classmethod
    def _check_wix_forms(cls, forms: Mapping[str, FormDefinition]) -> Mapping[str, FormDefinition]:
        named = [wix_form for form in forms.values() for wix_form in form.wix_forms]
        if twice := sorted(name for name in set(named) if named.count(name) > 1):
            raise ValueError(f"two forms name the Wix form {twice[0]}")
        return forms
