"""The whole workload in virtual time, in bursts: a person acts on something several times, then
pauses.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection
from itertools import accumulate
from random import Random

from soak.inputs import Observer
from soak.kernel.tasks import Scheduler
from soak.traffic.burst_random import BurstRandom
from soak.traffic.cases import begin_case, open_case
from soak.traffic.deliveries import Deliveries
from soak.traffic.enrollments import begin_enrollment, begin_program
from soak.traffic.library import begin_document, publish_version
from soak.traffic.members import begin_member, join
from soak.traffic.notices import begin_notice
from soak.traffic.oddities import begin_giant, begin_spoiling
from soak.traffic.partners import begin_check, begin_partner
from soak.traffic.ports import Outside
from soak.traffic.records import (
    PROGRAMS,
    new_check,
    new_document,
    new_enrollment,
    new_partner,
    new_program,
)
from soak.traffic.requests import begin_request, watch_arrivals
from soak.traffic.scene import Scene
from soak.traffic.shape import CALM, Shape, rate_at
from soak.traffic.site_events import watch_files
from soak.traffic.submissions import begin_submission
from soak.traffic.transactions import begin_transaction
from soak.traffic.visitors import begin_visit

type Begin = Callable[[Scene], Callable[[], None]]

BEGINNINGS: dict[str, tuple[Begin, int, int]] = {
    "case": (begin_case, 5, 20),
    "check": (begin_check, 1, 4),
    "enrollment": (begin_enrollment, 2, 8),
    "partner": (begin_partner, 1, 5),
    "document": (begin_document, 1, 3),
    "transaction": (begin_transaction, 1, 5),
    "notice": (begin_notice, 1, 4),
    "program": (begin_program, 1, 1),
    "request": (begin_request, 1, 5),
    "member": (begin_member, 1, 3),
    "submission": (begin_submission, 1, 2),
    "visit": (begin_visit, 1, 1),
    "malformed": (begin_spoiling, 2, 2),
}
"""Function that begins a burst of each kind of act, and the minimum and maximum number of its
events.
"""

VISITS = 0.1
"""Share of the submissions that visitors send, rather than members."""

PAUSE = 1.5
"""Mean seconds between the events of a burst."""


class Workload:
    """The traffic of a world.

    ``bursts`` counts the bursts by kind. ``ended``: all events have happened, and no burst begins
    any more; those that have begun go on. Each burst has a number and its own chance: without one,
    the others begin at the same times and do the same, as far as they find the same records.
    ``begun`` is the number of bursts so far, those that were left out included.

    Args:
        shape: Size and mixture.
        scheduler: Virtual time.
        random: The traffic's own seeded source of chance.
        outside: The models.
        observer: Gets each accepted input.
        calm_after: Unix seconds after which webhooks arrive once and at once.
        chosen: Numbers of the bursts that happen, from 1, whatever the number of events; None for
            all that the shape asks for.
    """

    def __init__(
        self,
        shape: Shape,
        scheduler: Scheduler,
        random: Random,
        outside: Outside,
        observer: Observer,
        calm_after: float = float("inf"),
        chosen: Collection[int] | None = None,
    ) -> None:
        self._chance = BurstRandom(random.getrandbits(64))
        self.scene = Scene(shape, scheduler, self._chance, outside, observer)
        self.deliveries = Deliveries(
            scheduler,
            self._chance,
            outside.entrance,
            outside.keys,
            shape.webhooks,
            calm_after,
        )
        self.bursts: Counter[str] = Counter()
        self.begun = 0
        self.ended = False
        self._chosen = chosen
        self._last = max(chosen, default=0) if chosen is not None else None
        self._shape = shape
        self._scheduler = scheduler
        self._random = random
        self._kinds, self._limits, self._mean_length = _mixture(shape)

    def set_up(self) -> None:
        """Create the records and members that exist before the traffic begins: no webhooks, but
        inputs for the judges.
        """
        scene, population, random = self.scene, self.scene.population, self._random
        for number in range(1, PROGRAMS + 1):
            population.next_number(0, "g")
            scene.create("g", 0, number, new_program(number))
        for partner in range(1, self._shape.partners + 1):
            status = ("active", "active", "onboarding", "invited")[partner % 4]
            scene.create("p", partner, partner, new_partner(partner, status))
            if partner % 2:
                number = population.next_number(partner, "e")
                scene.create("e", partner, number, new_enrollment(scene, partner, number))
            number = population.next_number(partner, "k")
            scene.create("k", partner, number, new_check(scene, partner, number))
            if random.random() < 0.5:
                open_case(scene, partner)
            if random.random() < self._shape.documents:
                self._add_document(partner)
        for _ in range(self._shape.library):
            self._add_document(0)
        for _ in range(int(self._shape.members * self._shape.partners)):
            join(scene, population.any_partner())
        # Only what comes from here on is traffic.
        scene.accepted = 0

    def begin(self) -> None:
        """Start the traffic now: from here on all events have their webhooks."""
        watch_arrivals(self.scene)
        watch_files(self.scene)
        self.scene.hub.on_event.append(self.deliveries.queue)
        self._plan_next()

    def _add_document(self, partner: int) -> None:
        scene = self.scene
        number = scene.population.next_number(partner, "d")
        scene.create("d", partner, number, new_document(scene, partner, number))
        current = scene.record("d", partner, number)
        if current is not None:
            publish_version(scene, current)

    def _plan_next(self) -> None:
        rate = rate_at(self._shape, self._scheduler.now) / self._mean_length
        self._scheduler.after(self._random.expovariate(rate), self._begin_burst)

    def _begin_burst(self) -> None:
        if self._is_enough:
            self.ended = True
            return
        self.begun += 1
        chance = self._random.random()
        if self._chosen is None or self.begun in self._chosen:
            kind = self._kinds[bisect_right(self._limits, chance * self._limits[-1])]
            self._begin(kind, self._chance.of_burst(self.begun))
        self._plan_next()

    @property
    def _is_enough(self) -> bool:
        if self._last is not None:
            return self.begun >= self._last
        return self.scene.accepted >= self._shape.events

    def _begin(self, kind: str, random: Random) -> None:
        """Start a burst, with its own source of chance."""
        self.bursts[kind] += 1
        with self._chance.following(random):
            if kind == "giant":
                step, length = begin_giant(self.scene)
            else:
                begin, least, most = BEGINNINGS[kind]
                step = begin(self.scene)
                length = least + int(random.random() * (most - least + 1))
        self._play(step, length, random)

    def _play(self, step: Callable[[], None], left: int, random: Random) -> None:
        with self._chance.following(random):
            step()
        if left > 1:
            pause = random.expovariate(1 / PAUSE)
            self._scheduler.after(pause, lambda: self._play(step, left - 1, random))


def _mixture(shape: Shape) -> tuple[list[str], list[float], float]:
    """Return the kinds of bursts, their cumulated shares of the bursts, and a burst's mean
    length.
    """
    events = {**shape.shares, "malformed": 2 * shape.malformed, "giant": shape.giants}
    events["visit"] = VISITS * events.get("submission", 0.0)
    pieces = (shape.giant_comments + shape.giant_updates + 2 + 8) / 4
    lengths = {kind: (least + most) / 2 for kind, (_, least, most) in BEGINNINGS.items()}
    lengths["giant"] = pieces
    bursts = {kind: share / lengths[kind] for kind, share in events.items() if share > 0}
    total = sum(bursts.values())
    mean = sum(bursts[kind] * lengths[kind] for kind in bursts) / total
    return list(bursts), list(accumulate(bursts.values())), mean


def calm_shape(shape: Shape) -> Shape:
    """Return the same workload without abnormal records, and with webhooks that arrive once and at
    once.
    """
    return Shape(
        **{
            **{name: getattr(shape, name) for name in shape.__slots__},
            "webhooks": CALM,
            "malformed": 0.0,
            "giants": 0.0,
        }
    )
