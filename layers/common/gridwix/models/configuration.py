"""What a customer edits in ``config/``, as models. ``make config`` checks it and puts it into the layer."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

type Label = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
type Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


class Config(BaseModel):
    """Frozen and closed: a misspelt member is an error and not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LabelGroup(Config):
    """The labels of one field's values. ``neutral`` is for a value that has none."""

    neutral: Label
    values: Mapping[str, Label]


class Audiences(Config):
    """``config/audiences.yaml``: the countries of each region."""

    regions: Mapping[str, tuple[Country, ...]]


type Master = Literal["trading_grid", "portal"]


class Ownership(Config):
    """``config/ownership.yaml``: whose each field is, by collection. A field that is not named is never touched."""

    onboarding_steps: Mapping[str, Master]


class Configuration(Config):
    """Everything of ``config/``. ``labels`` are those of ``config/labels.yaml``, by field, such as ``case.status``."""

    labels: Mapping[str, LabelGroup]
    audiences: Audiences
    ownership: Ownership
