"""Runs the rules of the conformance kit against a gateway."""

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from functools import partial

from ops.errors import OpsError
from ops.gateway.check.bounded_http import GatewayFault
from ops.gateway.check.capabilities import CAPABILITIES
from ops.gateway.check.exchanges import redact
from ops.gateway.check.gateway import Gateway, LimitReached
from ops.gateway.check.profile import read_profile
from ops.gateway.check.receiver import Receiver
from ops.gateway.check.report import CapabilityReport, Fault, Finding, Report, Verdict
from ops.gateway.check.rules import UNEXPECTED_FORM, Broken, Need, Rule, Skipped
from ops.gateway.check.session import Options, Session
from ops.gateway.stacks import COMMUNITY_URL

PROFILE_PATH = "/community/v1"
"""Path of the profile below a gateway's address, by the servers of its OpenAPI file."""

ORDER = (Need.READ, Need.WRITE, Need.WEBHOOKS)
"""Order of the rules by the permission that they need. Reads come first, so that they see the
gateway before any write.
"""


def check_gateway(
    url: str,
    token: str,
    options: Options,
    *,
    receiver: Receiver | None = None,
    only: Collection[str] = (),
    report_rule: Callable[[Rule, int, int], None] = lambda *_: None,
) -> Report:
    """Run the rules of the conformance kit against a gateway. Writes only if the options allow it.

    Args:
        url: The base URL of the profile, such as ``https://gateway.example/community/v1``.
        token: The access token.
        options: What may be written, and the limits.
        receiver: Receives webhooks; None skips the rules on webhooks.
        only: Keys of capabilities, or names of rules; empty for all.
        report_rule: Called before each rule, with the number of rules before it and of all.

    Returns:
        The results. They always have the rules that are checked on every response.

    Raises:
        GatewayFault: The address gives no usable response at all.
        OpsError: ``only`` has a name that is no rule and no capability.
    """
    chosen = _chosen_rules(only)
    gateway = Gateway(url, token, read_profile(), options.limits)
    session = Session(gateway, read_profile(), options, receiver)
    findings: dict[str, Finding] = {}
    left: list[str] = []
    try:
        _require_profile(gateway)
        try:
            checked = [rule for rule in chosen if rule.check is not None]
            checked.sort(key=lambda rule: ORDER.index(rule.need))
            for number, rule in enumerate(checked):
                report_rule(rule, number, len(checked))
                findings[rule.name] = _check_rule(session, rule)
        finally:
            left = _clean_up(session)
    finally:
        gateway.close()
    for rule in chosen:
        if rule.check is None:
            findings[rule.name] = _observed_finding(gateway, rule)
    reports = [
        CapabilityReport(
            capability,
            [findings[rule.name] for rule in capability.rules if rule.name in findings],
        )
        for capability in CAPABILITIES
    ]
    return Report(gateway.url, [report for report in reports if report.findings], left)


def _chosen_rules(only: Collection[str]) -> list[Rule]:
    known = [rule for capability in CAPABILITIES for rule in capability.rules]
    names = {rule.name for rule in known} | {capability.key for capability in CAPABILITIES}
    if unknown := set(only) - names:
        raise OpsError(
            f"there is no capability or rule {', '.join(sorted(unknown))}",
            f"choose one of {', '.join(capability.key for capability in CAPABILITIES)}",
        )
    return [
        rule
        for rule in known
        if not only
        or rule.check is None
        or rule.name in only
        or rule.name.partition(".")[0] in only
    ]


def _require_profile(gateway: Gateway) -> None:
    """Raise GatewayFault if the URL is not the base URL of a gateway, or the token is not accepted.

    Without this, a wrong URL or token would break nearly all rules, each with another message.
    """
    exchange = gateway.get("/partners", {"limit": 1})
    if exchange.status == 401:
        raise GatewayFault(
            f"{gateway.url} answers 401", "give another token: it does not take this one"
        )
    if exchange.status in (403, 404):
        # API Gateway answers 403 to a path that it does not know.
        below = gateway.get(f"{PROFILE_PATH}/partners", {"limit": 1})
        if below.status not in (403, 404):
            raise GatewayFault(
                f"{gateway.url} is not the base", f"give {gateway.url}{PROFILE_PATH}"
            )
        or_token = (
            ". If it is, the gateway does not take the token" if exchange.status == 403 else ""
        )
        raise GatewayFault(
            f"{gateway.url}/partners answers {exchange.status}", f"{COMMUNITY_URL}{or_token}"
        )
    page = exchange.document
    if exchange.status == 200 and not (isinstance(page, dict) and "items" in page):
        raise GatewayFault(f"{gateway.url}/partners answers no list of the profile", COMMUNITY_URL)


def _check_rule(session: Session, rule: Rule) -> Finding:
    if rule.need is not Need.READ and not session.options.write:
        return Finding(rule, Verdict.SKIPPED, reason="it writes, which was not allowed (--write)")
    if rule.need is Need.WEBHOOKS and session.receiver is None:
        reason = "no address is named that receives webhooks (--webhook-listen)"
        return Finding(rule, Verdict.SKIPPED, reason=reason)
    faults, reasons, held = [], [], False
    for part, check in _parts(session, rule):
        prefix = f"{part}: " if part else ""
        outcome = _outcome(session, check)
        if isinstance(outcome, Fault):
            faults.append(Fault(prefix + outcome.text, outcome.exchanges))
        elif isinstance(outcome, Skipped):
            reasons.append(str(outcome) if part in str(outcome) else f"{prefix}{outcome}")
        else:
            held = True
    reason = redact("; ".join(dict.fromkeys(reasons)))
    if faults:
        return Finding(rule, Verdict.BROKEN, tuple(faults), reason)
    return Finding(rule, Verdict.HOLDS if held else Verdict.SKIPPED, reason=reason)


def _parts(session: Session, rule: Rule) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the checks of a rule, each with the collection that it is for.

    A rule without collections has a single check, with "" for the collection.
    """
    check = rule.check
    assert check is not None
    if not rule.collections:
        yield "", partial(check, session)
    for collection in rule.collections:
        yield collection, partial(check, session, collection)


def _outcome(session: Session, check: Callable[[], None]) -> Fault | Skipped | None:
    """Run one check of a rule, and return its result.

    The result is a fault, the reason why the check was skipped, or None if the rule holds.
    """
    gateway = session.gateway
    known = {name: len(faults) for name, faults in gateway.faults.items()}
    try:
        check()
    except Skipped as skipped:
        return skipped
    except LimitReached as reached:
        return Skipped(str(reached))
    except Broken as broken:
        shown = broken.exchanges or ((gateway.last,) if gateway.last else ())
        return Fault(redact(broken.text), shown)
    except GatewayFault as fault:
        return Fault(redact(fault.fault), (gateway.last,) if gateway.last else ())
    # The rules read what the schemas require. Without it, the rule about the schemas is broken.
    except UNEXPECTED_FORM as error:
        if any(len(faults) > known.get(name, 0) for name, faults in gateway.faults.items()):
            return Skipped("a response does not fit the profile: see responses and problems")
        text = f"a response has an unexpected form: {type(error).__name__} {error}"
        return Fault(redact(text), (gateway.last,) if gateway.last else ())
    return None


def _observed_finding(gateway: Gateway, rule: Rule) -> Finding:
    faults = tuple(
        Fault(redact(broken.text), broken.exchanges) for broken in gateway.faults.get(rule.name, [])
    )
    return Finding(rule, Verdict.BROKEN if faults else Verdict.HOLDS, faults)


def _clean_up(session: Session) -> list[str]:
    """Delete the webhook endpoints and close the records that the run created.

    Returns a text with the reason for each that is left.
    """
    left = []
    session.gateway.grant_clean_up()
    for address in session.endpoints:
        try:
            exchange = session.gateway.send("DELETE", address, None)
            if exchange.status not in (204, 404):
                left.append(f"{address}: its deletion answers {exchange.status}")
        except GatewayFault as fault:
            left.append(f"{address}: {fault.fault}")
        except LimitReached as reached:
            left.append(f"{address}: {reached}")
    if session.created is not None:
        with suppress(KeyboardInterrupt):
            left += session.created.close_all()
    return [redact(text) for text in left]
