"""Applies an uploaded file (drop): plans it, reports refused rows, and commits in resumable steps.

A drop's plan is the list of changes of records. The source's mark is an item of the table: it names
the drop that was applied last, the drop that is being applied (pending), and its checkpoint.

1. If each drop has all rows of the source (kind ``snapshot``), a drop is skipped (``superseded``)
   if a newer one was applied or waits. If the newer one is refused or gone, the older one gets
   another message. If drops only add or change rows (kind ``additions``), they are applied in any
   order; a row is left out if a newer drop, applied before, has a row with the same key.
2. If another drop is pending, the changes of that drop are finished first.
3. The drop's plan is made, and stored with the new snapshot of the source's rows. Then the drop is
   pending. If another drop was begun or applied meanwhile, the plan is discarded and made again.
4. Each commit applies changes and moves the checkpoint. With the last commit the drop becomes the
   one that was applied last.
"""

import json
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Literal

from gridwix_gateway.documents import timestamp
from gridwix_gateway.problems import Problem
from gridwix_gateway.sources.apply import UnknownRecord, apply_change, item_bound
from gridwix_gateway.sources.changes import RecordChange
from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.files.faults import FileFault, RefusedRow
from gridwix_gateway.sources.files.marks import (
    AppliedDrop,
    Mark,
    PendingDrop,
    put_source_mark,
    read_source_mark,
)
from gridwix_gateway.sources.files.planning import (
    Counts,
    FormerSnapshot,
    GuardFault,
    Plan,
    make_plan,
    mapping_digest,
)
from gridwix_gateway.sources.files.ports import Drop, DropGone, Drops, RecordLookup
from gridwix_gateway.sources.files.reports import refused_report
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.table import MAX_BYTES, MAX_ITEMS

MAX_CHANGES = 60
"""Maximum changes of one commit. A slow commit is likely to lose against others and be retried."""

SPARE_BYTES = 1_200_000
"""Bytes of a commit reserved for one more change: a record, its event with both versions, and
events of its steps.
"""

MAX_ROUNDS = 5
"""Maximum times that a drop is planned again because another drop of its source was applied."""

MAX_REFUSED_DROPS = 200
"""Refused drops that are skipped in the search for the newest one that was not refused."""

UNFINISHED_NAMES = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".download")
"""Name endings of files that a program is still writing; they are ignored."""

type Status = Literal[
    "applied", "unchanged", "refused", "superseded", "unfinished", "ignored", "gone"
]


NOT_APPLIED = frozenset({"refused", "gone"})
"""Statuses of a drop that was not applied, so that an older drop may have to be applied instead."""


@dataclass(frozen=True, slots=True)
class Result:
    """Outcome of processing an uploaded file.

    Attributes:
        status: ``applied``: the file's changes are committed. ``unchanged``: there were none.
            ``refused``: the file looks wrong as a whole and changed nothing. ``superseded``: a
            newer file was applied or waits. ``unfinished``: the time was up, so it must be
            processed again. ``ignored``: a program still writes the file. ``gone``: the file was
            deleted or replaced.
        waiting: Key of an older file to process now, because this newer file was refused or is
            gone; "" for none.
        code: Fault code of a refused file.
        reason: Reason of the status, in words.
        counts: Numbers of rows and records of the file's plan.
        report: Key of the report of refused rows; "" for none.
        notes: Remarks for people.
        left_out: Records, as ``collection/id``, that were not written because they are too large.
    """

    status: Status
    code: str = ""
    reason: str = ""
    counts: Counts = field(default_factory=Counts)
    report: str = ""
    notes: Sequence[str] = ()
    left_out: Sequence[str] = ()
    waiting: str = ""


class FileSource:
    """Applies the uploaded files of one source, one at a time, in commits that can be resumed.

    Args:
        name: Name of the source, and of its folder in the bucket.
        declaration: Declaration of the source.
        drops: The bucket of uploaded files.
        commits: Runs commits.
        records: Looks up records that rows refer to.
        may_go_on: Returns False when the invocation must end soon.
        folder: Folder for temporary files.
    """

    def __init__(
        self,
        name: str,
        declaration: FilesDeclaration,
        *,
        drops: Drops,
        commits: Commits,
        records: RecordLookup,
        may_go_on: Callable[[], bool] = lambda: True,
        folder: Path | None = None,
    ) -> None:
        self._name = name
        self._declaration = declaration
        self._drops = drops
        self._commits = commits
        self._records = records
        self._may_go_on = may_go_on
        self._folder = folder
        self._left_out: list[str] = []

    def process_drop(self, drop: Drop) -> Result:
        """Apply an uploaded file, and return the outcome. Idempotent.

        The file is resumed where an interrupted attempt stopped: committed changes are not
        committed again.
        """
        if is_unfinished(drop.name):
            return Result("ignored", reason="a program is still writing the file")
        self._left_out = []
        for _ in range(MAX_ROUNDS):
            result = self._process_once(drop)
            if result is not None:
                return replace(
                    result,
                    left_out=tuple(self._left_out),
                    waiting=self.find_waiting(drop) if result.status in NOT_APPLIED else "",
                )
        return Result("unfinished", reason="other drops of the source are being applied")

    def find_waiting(self, settled: Drop | None = None) -> str:
        """Return the key of an older uploaded file to apply, if a newer one cannot be applied.

        If files are snapshots, only the newest is applied. If that one is refused or gone, the
        newest of the others is applied.

        Args:
            settled: The file that was refused or is gone; None if it is unknown.

        Returns:
            The key of the older file; "" if there is none. Also "" if the newest file to apply is
            not older than ``settled``: S3 has sent a message about that file, so it needs no other.
        """
        if self._declaration.kind == "additions":
            return ""
        applied = self._read_mark().applied
        found = self._newest_drop("" if applied is None else applied.order)
        if found is None or (settled is not None and found.order >= settled.order):
            return ""
        return found.name

    def _process_once(self, drop: Drop) -> Result | None:
        """Apply an uploaded file, or finish the file that is being applied before it.

        Returns:
            The outcome. None if another file was begun or applied meanwhile, so that the caller
            must try again.
        """
        mark = self._read_mark()
        if mark.pending is not None and mark.pending.becomes.drop_id != drop.id:
            if not self._apply_pending(mark.pending.changes):
                return Result("unfinished")
            return None
        planned = Result("applied")
        if mark.pending is None:
            if superseded := self._superseding_reason(drop, mark.applied):
                return superseded
            begun = self._plan_drop(drop, mark.applied)
            if begun is None or begun.status != "applied":
                return begun
            planned, mark = begun, self._read_mark()
        pending = mark.pending
        if pending is None or pending.becomes.drop_id != drop.id:
            # It changes no record, or another worker has applied it.
            return planned
        if not self._apply_pending(pending.changes):
            return Result("unfinished", counts=planned.counts, report=planned.report)
        return planned

    def plan_drop(self, drop: Path, folder: Path, *, accept_missing: bool = False) -> Plan:
        """Return a file's plan: the changes of records that it would make. Makes none (dry run).

        Nothing is written to the table or the bucket.

        Args:
            drop: The file.
            folder: An empty local folder, to which the plan is written.
            accept_missing: Whether a person has confirmed that many rows are gone.

        Returns:
            The plan: changes of records, and refused rows.

        Raises:
            FileFault: The file cannot be read, or is refused by its guards.
        """
        with self._former(self._read_mark().applied) as former:
            return self._make_plan(drop, former, folder, accept_missing, None)

    def _read_mark(self) -> Mark:
        return self._commits.run(lambda draft: read_source_mark(draft, self._name))

    def _superseding_reason(self, drop: Drop, applied: AppliedDrop | None) -> Result | None:
        """Return the outcome for a file that need not be applied; None if it must be applied.

        A file need not be applied if it was applied before, or if it is a snapshot and a newer one
        was applied or waits.
        """
        if applied is not None and applied.drop_id == drop.id:
            return Result("unchanged", reason="it was applied before")
        if self._declaration.kind == "additions":
            return None
        if applied is not None and drop.order < applied.order:
            return Result("superseded", reason="it is older than the drop that was applied last")
        if self._newest_drop(drop.order) is not None:
            return Result("superseded", reason="a newer drop waits")
        return None

    def _newest_drop(self, after: str) -> Drop | None:
        """Return the newest usable uploaded file after a sort key; None if there is none.

        Files that were refused or are still being written are skipped.
        """
        listed = self._drops.list_drops(self._name)
        behind = [one for one in listed if one.order > after and not is_unfinished(one.name)]
        for drop in behind[: -MAX_REFUSED_DROPS - 1 : -1]:
            if not self._drops.is_refused(drop):
                return drop
        return None

    def _plan_drop(self, drop: Drop, applied: AppliedDrop | None) -> Result | None:
        """Plan an uploaded file's changes, report refused rows, and store the plan as pending.

        Args:
            drop: The uploaded file.
            applied: The file that was applied last; None if there was none.

        Returns:
            The outcome. With the status ``applied``, the new snapshot and the plan are stored, and
            the caller must still apply the plan's changes, if there are any. None if another file
            was begun or applied meanwhile.
        """
        order = drop.order if self._declaration.kind == "additions" else None
        try:
            with (
                tempfile.TemporaryDirectory(dir=self._folder) as folder,
                self._drops.open_drop(drop) as path,
                self._former(applied) as former,
            ):
                plan = self._make_plan(path, former, Path(folder), drop.accept_missing, order)
                report = self._put_report(drop, plan.reported)
                changes_nothing = plan.is_empty and applied is not None
                result = Result(
                    "unchanged" if changes_nothing or not plan.has_snapshot else "applied",
                    counts=plan.counts,
                    report=report,
                    notes=tuple(plan.notes),
                )
                # Rows of additions keep the place of the drop that gave them last.
                if not plan.has_snapshot or (changes_nothing and order is None):
                    return result
                return result if self._store_plan(drop, plan, applied) else None
        except DropGone:
            return Result("gone", reason="the file was deleted or replaced")
        except FileNotFoundError:
            # Whoever applies another drop deletes the snapshot before it.
            if self._read_mark().applied == applied:
                raise
            return None
        except FileFault as fault:
            refused = fault.refused if isinstance(fault, GuardFault) else ()
            report = self._put_report(drop, refused, str(fault))
            return Result("refused", fault.code, str(fault), report=report)

    def _make_plan(
        self,
        path: Path,
        former: FormerSnapshot | None,
        folder: Path,
        accept_missing: bool,
        order: str | None,
    ) -> Plan:
        return make_plan(
            self._declaration,
            path,
            former,
            self._records.known_ids,
            folder,
            accept_missing=accept_missing,
            order=order,
        )

    def _put_report(self, drop: Drop, rows: Sequence[RefusedRow], reason: str = "") -> str:
        if not rows and not reason:
            return ""
        return self._drops.put_report(drop, refused_report(rows, reason), whole=bool(reason))

    def _store_plan(self, drop: Drop, plan: Plan, applied: AppliedDrop | None) -> bool:
        """Upload a plan's files, and make the plan pending (optimistic locking).

        Returns:
            True if the plan is pending now, or applied if it has no changes. False if it is stale,
            because another file was begun or applied since the plan's snapshot was read.
        """
        total = plan.counts.created + plan.counts.updated + plan.counts.deleted
        # Of two workers that plan the same drop, none writes over what the other has begun.
        folder = f"state/{self._name}/{uuid.uuid4().hex}"
        names = {
            path: f"{folder}/{path.name}"
            for path in (plan.changes, plan.base, plan.delta)
            if path is not None
        }
        for path, name in names.items():
            self._drops.put_file(name, path)
        base = applied.base if plan.base is None and applied else names.get(plan.base or Path(), "")
        becomes = AppliedDrop(
            drop.id,
            timestamp(drop.dropped_at),
            base,
            "" if plan.delta is None else names[plan.delta],
            mapping_digest(self._declaration),
            drop.name,
        )
        pending = PendingDrop(becomes, names[plan.changes], 0, total)

        def begin(draft: Draft) -> bool:
            mark = read_source_mark(draft, self._name)
            if mark.pending is not None or mark.applied != applied:
                return False
            started = Mark(applied, pending)
            put_source_mark(draft, self._name, started if total else started.advanced(0))
            return True

        begun = self._commits.run(begin)
        if begun and not total:
            self._delete_former(pending.changes, applied)
        return begun

    def _apply_pending(self, name: str) -> bool:
        """Apply the rest of a plan (stored changes of records), from its checkpoint on.

        ``name`` is the key of the plan's file. Returns True if all changes are applied, False if
        the time was up before.
        """
        former = self._read_mark().applied
        try:
            if not self._apply_changes(name):
                return False
        except FileNotFoundError:
            # Another worker has finished the plan, and deleted its file.
            if self._commits.run(lambda draft: self._position(draft, name)) is not None:
                raise
        self._delete_former(name, former)
        return True

    def _apply_changes(self, name: str) -> bool:
        """Apply the remaining changes of a plan, commit by commit.

        ``name`` is the key of the plan's file. Returns True if no change is left, False if the time
        was up.
        """
        position = self._commits.run(lambda draft: self._position(draft, name))
        if position is None:
            return True
        with (
            self._drops.open_file(name) as path,
            path.open(encoding="utf-8") as lines,
        ):
            changes = (RecordChange.from_document(json.loads(line)) for line in lines)
            remaining = islice(changes, position, None)
            chunk: list[RecordChange] = []
            while position is not None:
                if not self._may_go_on():
                    return False
                chunk += islice(remaining, MAX_CHANGES - len(chunk))
                moved = self._apply_chunk(name, position, chunk)
                chunk = chunk[(moved or position) - position :]
                position = moved
        return True

    def _position(self, draft: Draft, name: str) -> int | None:
        """Return the checkpoint of a plan, which is its number of applied changes.

        ``name`` is the key of the plan's file. None if the plan is not being applied.
        """
        pending = read_source_mark(draft, self._name).pending
        return pending.position if pending is not None and pending.changes == name else None

    def _apply_chunk(self, name: str, position: int, chunk: Sequence[RecordChange]) -> int | None:
        """Apply changes of a plan in one commit, which also stores the plan's new checkpoint.

        Args:
            name: Key of the plan's file.
            position: The checkpoint: number of changes that were applied before.
            chunk: The next changes. If they do not all fit a commit, only the first are applied.

        Returns:
            The new checkpoint. None if nothing was applied, because all changes were applied
            before, or another worker has moved the checkpoint.
        """

        def work(draft: Draft) -> tuple[int | None, Sequence[str]]:
            mark = read_source_mark(draft, self._name)
            if self._position(draft, name) != position:
                return None, ()
            draft.prefetch([(change.collection, change.id) for change in chunk])
            done, left_out = 0, list[str]()
            for change in chunk:
                items, size = draft.weight
                if done and (
                    items + item_bound(change) + 1 > MAX_ITEMS or size + SPARE_BYTES > MAX_BYTES
                ):
                    break
                # Another source may have deleted its record since the plan was made.
                try:
                    with suppress(UnknownRecord):
                        apply_change(draft, change)
                except Problem:
                    # It is too large, with what others have written to it. All else must go on.
                    left_out.append(f"{change.collection}/{change.id}")
                done += 1
            put_source_mark(draft, self._name, mark.advanced(position + done))
            return position + done, left_out

        moved, left_out = self._commits.run(work)
        self._left_out += left_out
        return moved

    def _delete_former(self, changes: str, former: AppliedDrop | None) -> None:
        """Delete stored files that are not needed once an uploaded file is applied completely.

        They are the list of its changes (its plan), and the snapshot from before it.

        Args:
            changes: Key of the plan's file.
            former: The uploaded file that was applied before this one, with the keys of its
                snapshot; None for none.
        """
        mark = self._read_mark()
        keep = set(_snapshot_files(mark.applied))
        if mark.pending is not None:
            keep |= {mark.pending.changes, *_snapshot_files(mark.pending.becomes)}
        self._drops.delete_files(
            f"state/{self._name}/", {changes, *_snapshot_files(former)} - keep, keep
        )

    @contextmanager
    def _former(self, applied: AppliedDrop | None) -> Iterator[FormerSnapshot | None]:
        """Download the snapshot of the file that was applied last, for a ``with`` block.

        Yields None if no file was applied before.
        """
        if applied is None:
            yield None
            return
        with (
            self._drops.open_file(applied.base) as base,
            self._drops.open_file(applied.delta) if applied.delta else nullcontext() as delta,
        ):
            yield FormerSnapshot(base, delta, applied.mapping)


def _snapshot_files(applied: AppliedDrop | None) -> Sequence[str]:
    return [name for name in (applied.base, applied.delta) if name] if applied else []


def is_unfinished(name: str) -> bool:
    """Return whether a key is that of a file which a program is still writing.

    >>> is_unfinished("drops/tracker/~$partners.xlsx"), is_unfinished("drops/tracker/a.xlsx")
    (True, False)
    """
    last = name.rpartition("/")[2]
    return last.lower().endswith(UNFINISHED_NAMES) or last.startswith((".", "~$"))
