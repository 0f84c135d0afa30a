"""Checks case rules and routing rules: unknown teams, answers that no form offers, shadowed rules.

A rule is shadowed if earlier rules match everything that it matches, so that it never applies.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time

from gridwix.configuration.case_rules import CaseRule
from gridwix.configuration.everything import Configuration
from gridwix.configuration.forms import FILE_KINDS, FormDefinition, FormField
from gridwix.configuration.routing import RoutingRule
from gridwix.form_intake.business_hours import due_date
from gridwix.models.transactions import Direction, ExceptionKind
from ops.checks.boxes import OTHER, Box, is_covered
from ops.checks.remark import Members, Remark, suggestion, warning, word_list
from ops.checks.vocabulary import label_values

NEVER = "it can never match: earlier rules match everything that it matches"
MOVE = "move it before them, narrow them, or remove it"


def check_rules(configuration: Configuration, today: date) -> Iterator[Remark]:
    """Yield a remark for each fault of case rules, routing rules and the desk's business hours.

    ``today`` decides which holidays are past.
    """
    yield from _check_case_rules(configuration)
    yield from _check_routing_rules(configuration)
    yield from _check_desk(configuration, today)


def possible_answers(field: FormField) -> frozenset[str] | None:
    """Return the answers that a form field can have, as a routing rule writes them.

    None if any answer is possible. Empty for a field that no routing rule can match: one with
    files, or one with a meaning, such as the sender's email address. The value of a field with a
    meaning is not among the answers.
    """
    if field.meaning is not None or field.kind in FILE_KINDS:
        return frozenset()
    if field.kind == "boolean":
        return frozenset({"true", "false", "True", "False"})
    return frozenset(field.choices) if field.choices and not field.other else None


def _check_case_rules(configuration: Configuration) -> Iterator[Remark]:
    rules, teams = configuration.case_rules.rules, configuration.routing.teams
    kinds = label_values(configuration, "transaction.type")
    boxes = _case_boxes(rules)
    for number, rule in enumerate(rules):
        members = ("case_rules", "rules", str(number))
        if rule.team not in teams:
            fix = (
                "correct it, or add it to teams in config/routing.yaml,"
                f" which has {word_list(teams)}"
            )
            yield Remark(
                (*members, "team"),
                f"rule {rule.key}: there is no team {rule.team}{suggestion(rule.team, teams)}",
                fix,
            )
        for place, kind in enumerate(rule.document_types):
            if kind not in kinds:
                said = (
                    f"rule {rule.key}: document type {kind}"
                    f" has no label under transaction.type{suggestion(kind, kinds)}"
                )
                yield warning(
                    (*members, "document_types", str(place)),
                    said,
                    "correct it, or add the label, which partners read in the case",
                )
        # The last rule is mandatory, even if earlier rules leave nothing for it.
        if number < len(rules) - 1 and is_covered(boxes[number], boxes[:number]):
            yield Remark(members, f"rule {rule.key}: {NEVER}", MOVE)


def _case_boxes(rules: Sequence[CaseRule]) -> Sequence[Box]:
    every_type = frozenset({kind for rule in rules for kind in rule.document_types} | {OTHER})
    return [
        {
            "exception": frozenset(rule.exceptions or ExceptionKind),
            "direction": frozenset(rule.directions or Direction),
            "document_type": frozenset(rule.document_types) or every_type,
        }
        for rule in rules
    ]


def _check_routing_rules(configuration: Configuration) -> Iterator[Remark]:
    rules = configuration.routing.rules
    forms = {key: form for key, form in configuration.forms.items() if form.action == "request"}
    types = {form.type for form in forms.values()}
    for number, rule in enumerate(rules):
        members = ("routing", "rules", str(number))
        for place, kind in enumerate(rule.types):
            if kind not in types:
                yield warning(
                    (*members, "types", str(place)),
                    f"rule {rule.key}: no form in config/forms has the type {kind}",
                    "add such a form, or remove it",
                )
        candidates = {
            key: form for key, form in forms.items() if not rule.types or form.type in rule.types
        }
        if not candidates:
            continue
        wrong = list(_check_answers(rule, members, candidates))
        yield from wrong
        if not wrong and number < len(rules) - 1:
            yield from _check_shadowing(rule, rules[:number], members, candidates)


def _check_answers(
    rule: RoutingRule, members: Members, forms: Mapping[str, FormDefinition]
) -> Iterator[Remark]:
    of_type = f" of the type {' or '.join(rule.types)}" if rule.types else ""
    for name, wanted in rule.answers.items():
        at = (*members, "answers", name)
        fields = [field for form in forms.values() for field in form.fields if field.name == name]
        if not fields:
            names = {field.name for form in forms.values() for field in form.fields}
            yield Remark(
                at,
                f"rule {rule.key}: no form{of_type} asks {name}{suggestion(name, names)}",
                "correct it, or ask it in a form",
            )
            continue
        if not wanted:
            yield Remark(
                at,
                f"rule {rule.key}: no answer matches an empty list",
                "list the answers, or remove it",
            )
        possible = [possible_answers(field) for field in fields]
        known = frozenset().union(*(answers for answers in possible if answers is not None))
        for place, answer in enumerate(wanted):
            if None not in possible and answer not in known:
                said = (
                    f"rule {rule.key}: no form{of_type} offers the answer {answer}"
                    f" to {name}{suggestion(answer, known)}"
                )
                yield Remark(
                    (*at, str(place)), said, f"correct or remove it; there are {word_list(known)}"
                )


def _check_shadowing(
    rule: RoutingRule,
    before: Sequence[RoutingRule],
    members: Members,
    forms: Mapping[str, FormDefinition],
) -> Iterator[Remark]:
    """Yield a remark if a routing rule never applies, because of earlier rules or of the forms.

    It never applies if earlier rules match every submission that it matches. It never applies
    either if no form asks all the questions that it names. Each form is examined by itself, since a
    submission has the fields and the type of one form.
    """
    names = sorted({name for one in (*before, rule) for name in one.answers})
    asked = [
        (form, box)
        for form in forms.values()
        if all((box := _rule_box(rule, form, names, (*before, rule))).values())
    ]
    if not asked:
        yield Remark(
            members,
            f"rule {rule.key}: no form asks all of {word_list(rule.answers)} with these answers",
            "split it into two rules, or remove it",
        )
        return
    for form, box in asked:
        earlier = [
            _rule_box(one, form, names, (*before, rule))
            for one in before
            if not one.types or form.type in one.types
        ]
        if not is_covered(box, earlier):
            return
    yield Remark(members, f"rule {rule.key}: {NEVER}", MOVE)


def _rule_box(
    rule: RoutingRule, form: FormDefinition, names: Sequence[str], rules: Sequence[RoutingRule]
) -> Box:
    """Return the submissions of a form that a routing rule matches, as a set of answers per field.

    Such sets by field are called a box. The box has a set for each name in ``names``: the names of
    all fields that any of ``rules`` names. A set is empty if no answer to the field matches.
    """
    fields = {field.name: field for field in form.fields}
    box: dict[str, frozenset[str]] = {}
    for name in names:
        field = fields.get(name)
        possible = frozenset[str]() if field is None else possible_answers(field)
        # A missing or optional field has no answer, and rules do not name all possible texts.
        is_open = possible is None or field is None or not field.required
        named = frozenset(answer for one in rules for answer in one.answers.get(name, ()))
        everything = (named if possible is None else possible) | (
            {OTHER} if is_open else frozenset()
        )
        box[name] = (
            everything & frozenset(rule.answers[name]) if name in rule.answers else everything
        )
    return box


def _check_desk(configuration: Configuration, today: date) -> Iterator[Remark]:
    desk = configuration.routing.desk
    if desk.holidays and max(desk.holidays) < today:
        yield warning(
            ("routing", "desk", "holidays"),
            f"all holidays are over; the last was {max(desk.holidays)}",
            "list future holidays",
        )
    longest = max(
        enumerate(configuration.routing.rules), key=lambda pair: pair[1].due_in_business_hours
    )
    try:
        due_date(desk, datetime.combine(today, time(), UTC), longest[1].due_in_business_hours)
    except (ValueError, OverflowError):
        said = (
            f"rule {longest[1].key}: the desk is not open for {longest[1].due_in_business_hours}"
            " hours in ten years"
        )
        yield Remark(
            ("routing", "rules", str(longest[0]), "due_in_business_hours"),
            said,
            "write fewer hours, or open the desk longer",
        )
