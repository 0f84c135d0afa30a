"""Acts of people on the portal: they join, change their address, role and settings, and leave."""

from collections.abc import Callable
from hashlib import sha256

from soak.inputs import MemberChanged, MemberJoined, MemberLeft, RoleChanged, SettingChanged
from soak.traffic.population import LOCALES, MEMBER_ROLES, Member, partner_id
from soak.traffic.scene import Scene

SETTINGS = (
    ("language", ("de", "fr", "es", "en", "")),
    (
        "quietHours",
        ("22:00-06:30 Europe/Berlin", "18:00-09:00 America/Chicago", "12:00-13:00 UTC", ""),
    ),
    ("messages/documents/email", ("off", "on")),
    ("messages/new-issues/email", ("off", "on")),
)
"""Settings that a member can choose, with values as the portal's backend stores them."""


def begin_member(scene: Scene) -> Callable[[], None]:
    """Choose a member, or let one join; return a function that changes something of the member at
    each call.
    """
    member = None if scene.chance(0.3) else scene.population.any_member()

    def change() -> None:
        nonlocal member
        if member is None or not member.links:
            member = join(scene, scene.population.any_partner())
        else:
            change_member(scene, member)

    return change


def join(scene: Scene, partner: int) -> Member:
    """Let a new member join the site for a partner, and for no other one."""
    member = scene.population.new_member(scene.pick(LOCALES), not scene.chance(0.1))
    member.contact_id = scene.site.add_member(
        member.id, member.email, member.locale, member.consents
    )
    link(scene, member, partner, scene.pick(MEMBER_ROLES))
    return member


def link(scene: Scene, member: Member, partner: int, role: str) -> None:
    """Let a member act for a partner, or in another role.

    Args:
        scene: The world.
        member: The member.
        partner: The partner's number.
        role: The role.
    """
    is_new = scene.population.link(member, partner, role)
    row = {
        "_id": link_id(member, partner),
        "memberId": member.id,
        "partnerId": partner_id(partner),
        "role": role,
        "verifiedBy": "invitation",
        "verifiedAt": {"$date": scene.now_text()},
    }
    scene.site.put_row("PartnerLinks", row)
    if not is_new:
        scene.accept(RoleChanged(scene.now, member.id, partner_id(partner), role))
        return
    scene.accept(
        MemberJoined(
            scene.now,
            member.id,
            member.contact_id,
            partner_id(partner),
            role,
            member.email,
            member.locale,
            member.consents,
        )
    )


def link_id(member: Member, partner: int) -> str:
    """Return the id of the row that links a member with a partner.

    Args:
        member: The member.
        partner: The partner's number.
    """
    return sha256(f"{member.id}/{partner}".encode()).hexdigest()[:32]


def change_member(scene: Scene, member: Member) -> None:
    """Change a member's address, role, settings or partners, or let it leave."""
    chance = scene.random.random()
    if chance < 0.25:
        member.email = f"member{member.number}.{int(scene.now)}@partner.example"
        member.locale = scene.pick(LOCALES)
        _change_contact(scene, member)
    elif chance < 0.35:
        member.consents = not member.consents
        _change_contact(scene, member)
    elif chance < 0.5:
        link(scene, member, scene.pick(sorted(member.links)), scene.pick(MEMBER_ROLES))
    elif chance < 0.55:
        link(scene, member, scene.population.any_partner(), scene.pick(MEMBER_ROLES))
    elif chance < 0.85:
        setting, values = scene.pick(SETTINGS)
        choose(scene, member, setting, scene.pick(values))
    else:
        leave(scene, member, deleted=chance > 0.95)


def choose(scene: Scene, member: Member, setting: str, value: str) -> None:
    """Store a setting of a member, as the portal's backend does: in a row of its own.

    Args:
        scene: The world.
        member: The member.
        setting: The setting.
        value: Its value; "" for the default.
    """
    identifier = sha256(f"{member.id}/{setting}".encode()).hexdigest()[:32]
    row = {"_id": identifier, "memberId": member.id, "setting": setting, "value": value}
    scene.site.put_row("MemberSettings", row)
    scene.accept(SettingChanged(scene.now, member.id, setting, value))


def leave(scene: Scene, member: Member, *, deleted: bool) -> None:
    """End a member's work for one partner, or for all if it leaves the site.

    Args:
        scene: The world.
        member: The member.
        deleted: True if it leaves the site.
    """
    partners = sorted(member.links)
    for partner in partners if deleted else [scene.pick(partners)]:
        scene.population.unlink(member, partner)
        scene.site.remove_row("PartnerLinks", link_id(member, partner))
        scene.accept(MemberLeft(scene.now, member.id, partner_id(partner), deleted))
    if deleted:
        scene.site.remove_member(member.id)


def _change_contact(scene: Scene, member: Member) -> None:
    scene.site.change_contact(member.contact_id, member.email, member.locale, member.consents)
    given = MemberChanged(scene.now, member.id, member.email, member.locale, member.consents)
    scene.accept(given)
