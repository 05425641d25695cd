"""
``mqlkit funnel``: a model at work over a database.
"""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from ..funnel import Funnel, Ticked
from ..funnel.plain import instant_text
from ..handoff import summary
from ..status import Status
from ..store import Fact, Message, Store, Stored
from ..tables import Report
from ..tables.source import open_sheet
from ..value import printable
from . import show
from .arguments import FaultsOption, JsonOption, QuietOption, ZoneOption, instant_of, zone_of
from .models import find_model
from .recording import Recording
from .run import fault_file, progress
from .stores import FunnelError, open_funnel, open_store
from .words import When, counted, effect_words, fact_words, when_in

app = typer.Typer(
    name="funnel",
    help="Leads on their way: record what happens, let time pass, see where they stand.",
    no_args_is_help=True,
)

StoreOption = Annotated[
    str,
    typer.Option(
        "--store",
        metavar="FILE|URL",
        envvar="MQLKIT_STORE",
        help="A file of SQLite, or the URL of a database such as postgresql://host/name.",
    ),
]
ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="MODEL",
        envvar="MQLKIT_MODEL",
        help="A model file with a lifecycle, or the name of a shipped one.",
    ),
]
MaybeModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        envvar="MQLKIT_MODEL",
        help="The model file, for what the store alone does not tell.",
    ),
]
LeadArgument = Annotated[str, typer.Argument(metavar="LEAD", help="The lead's key.")]
NowOption = Annotated[
    str,
    typer.Option(
        "--now", metavar="INSTANT", help="When it is told; the clock is read unless stated."
    ),
]
_FAULTS: Final = 20
_PAGE: Final = 1_000


@app.command()
def init(store: StoreOption, model: ModelOption) -> None:
    """Make a store ready, or bring it up to date; again and again does no harm."""
    out, _ = show.consoles()
    with open_funnel(store, model, new=True) as funnel:
        funnel.store.setup()
        definition, lifecycle = funnel.model.qualification, funnel.lifecycle
        show.say(
            out,
            f"{_shown(store)} is ready for {definition.name!r} version {definition.version}, "
            f"lifecycle {lifecycle.name!r} with {len(lifecycle.stages)} stages",
        )


def _shown(store: str) -> str:
    """A store's name without a password."""
    return store.rsplit("@", 1)[-1] if "://" in store else store


@app.command()
def record(
    store: StoreOption,
    model: ModelOption,
    file: Annotated[
        str,
        typer.Argument(
            metavar="[FILE]",
            help='JSON Lines such as {"lead": "ada", "at": "2026-03-02T09:00Z", "activity": '
            '"demo_request"}; - is standard input.',
        ),
    ] = "-",
    now: NowOption = "now",
    replay: Annotated[
        bool,
        typer.Option(
            "--replay",
            help="Take each line as told at its own time, and let time pass in between.",
        ),
    ] = False,
    batch: Annotated[
        int, typer.Option("--batch", min=1, metavar="N", help="Lines in one transaction.")
    ] = 1,
    faults: FaultsOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Record activities, attributes, events and answers; what is known already changes nothing."""
    out, err = show.consoles()
    told_at = None if replay else instant_of(now, "--now")
    with (
        fault_file(faults, values=False) as tell,
        open_funnel(store, model) as funnel,
        progress(err, quiet=quiet) as bar,
    ):
        tally = Report(tell).tally(file)
        recording = Recording(funnel, tally, batch, told_at)
        with open_sheet(file, tally, stated="jsonl") as sheet:
            try:
                for row in sheet.rows:
                    recording.take(row)
                    bar(file, sheet.share())
                recording.end()
            finally:
                if not quiet and not as_json:
                    _tell_recording(out, err, recording)
    if as_json:
        show.print_json(recording.to_dict())
    raise typer.Exit(recording.exit_code)


def _tell_recording(out: Console, err: Console, recording: Recording) -> None:
    show.say(out, str(recording))
    tally = recording.tally
    for fault in tally.faults[:_FAULTS]:
        show.say(err, f"  line {fault.row}: {fault.problem}", "red")
    if tally.refused > _FAULTS:
        show.say(err, f"  … and {tally.refused - _FAULTS:,} more; --faults FILE lists them all")
    for lead, error in recording.failed.items():
        show.say(err, f"  lead {lead!r} could not be looked at: {error}", "red")


@app.command()
def tick(
    store: StoreOption,
    model: ModelOption,
    now: NowOption = "now",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="At most so many leads.")
    ] = None,
    zone: ZoneOption = "UTC",
    as_json: JsonOption = False,
) -> None:
    """Let time pass: timers, deadlines, points that fade."""
    when, moment = when_in(zone_of(zone)), instant_of(now, "--now")
    with open_funnel(store, model) as funnel:
        ticked = funnel.tick(moment, limit=limit)
    _tell_looks(ticked, moment, when, as_json=as_json)


@app.command()
def rescore(
    store: StoreOption,
    model: ModelOption,
    now: NowOption = "now",
    zone: ZoneOption = "UTC",
    as_json: JsonOption = False,
) -> None:
    """After the model has changed: decide every lead anew that was decided by another."""
    when, moment = when_in(zone_of(zone)), instant_of(now, "--now")
    with open_funnel(store, model) as funnel:
        ticked = funnel.rescore(moment)
    _tell_looks(ticked, moment, when, as_json=as_json)


def _tell_looks(ticked: Ticked, moment: datetime, when: When, *, as_json: bool) -> None:
    out, err = show.consoles()
    if as_json:
        show.print_json(
            {
                "now": instant_text(moment),
                "looked": list(ticked.looked),
                "effects": [effect.cloudevent(_SOURCE) for effect in ticked.effects],
                "failed": {lead: str(error) for lead, error in ticked.failed.items()},
            }
        )
    else:
        looked, effects = len(ticked.looked), len(ticked.effects)
        counts = f"looked at {counted(looked, 'lead')}, {counted(effects, 'effect')}"
        show.say(out, f"{when(moment)}: {counts}")
        for effect in ticked.effects:
            show.say(out, f"  {effect.lead_id}: {effect_words(effect, when)}")
        for lead, error in ticked.failed.items():
            show.say(err, f"  lead {lead!r} could not be looked at: {error}", "red")
    raise typer.Exit(int(bool(ticked.failed)))


# -- looking -----------------------------------------------------------------------------------


@app.command()
def status(
    store: StoreOption,
    model: MaybeModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """How many leads stand in each stage, and what each rep has."""
    out, _ = show.consoles()
    with open_store(store) as opened:
        if model is None:
            stages = opened.count_by_stage()
        else:
            stages = Funnel(find_model(model), opened).status()
        handoffs = show.open_handoffs(opened)
    if as_json:
        show.print_json({"stages": stages, "handoffs": handoffs})
    else:
        show.show_funnel(out, stages, handoffs)


@app.command()
def history(
    lead: LeadArgument,
    store: StoreOption,
    model: MaybeModelOption = None,
    zone: ZoneOption = "UTC",
    as_json: JsonOption = False,
) -> None:
    """Everything that was recorded about a lead, in the order in which it was."""
    out, _ = show.consoles()
    when = when_in(zone_of(zone))
    with open_store(store) as opened:
        found = _found(opened, lead)
        waits = "" if model is None else _waits_for(Funnel(find_model(model), opened), found)
    if as_json:
        show.print_json([_plain(fact) for fact in found.facts])
        return
    row = found.row
    where = f"{lead} stands at {row.stage} since {when(row.since)}"
    show.say(out, f"{where}; {row.status or 'not decided'}{waits}", "bold")
    for fact in _told_once(found.facts):
        late = fact.recorded_at - fact.at >= timedelta(seconds=1)
        told = f"; told {when(fact.recorded_at)}" if late else ""
        # What `undo` takes back it takes back by its id.
        key = f"  [{fact.id}]" if fact.kind in ("activity", "attributes") else ""
        show.say(out, f"  {when(fact.at)}  {fact_words(fact, when)}{told}{key}")


def _found(store: Store, lead: str) -> Stored:
    found = store.read(lead)
    if found is None:
        raise FunnelError(f"there is no lead {printable(lead)!r} in this funnel")
    return found


def _waits_for(funnel: Funnel, found: Stored) -> str:
    """Which facts a lead that needs data waits for; a store keeps only that it does."""
    row = found.row
    if row.status != str(Status.NEEDS_DATA) or row.decided_at is None:
        return ""
    missing = funnel.decide(row.lead_id, as_of=row.decided_at).missing
    return f": {', '.join(fact.field for fact in missing if fact.settles)}" if missing else ""


def _told_once(facts: Sequence[Fact]) -> Iterator[Fact]:
    """The facts without the commands of which something came: that is told already."""
    came: tuple[str, datetime] | None = None
    for fact in facts:
        of_command = came is not None and came[0] in _OF_COMMANDS and came[1] == fact.recorded_at
        if not (fact.kind == "said" and of_command):
            yield fact
        came = fact.kind, fact.recorded_at


_OF_COMMANDS: Final = ("journey", "handoff", "retracted")


@app.command()
def explain(
    lead: LeadArgument,
    store: StoreOption,
    model: ModelOption,
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of", metavar="INSTANT", help="The instant to decide as of; now unless stated."
        ),
    ] = "now",
    gap: Annotated[
        bool, typer.Option("--gap", help="Also tell what would qualify it; slower.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Explain the decision about a lead as of any instant, line by line."""
    out, _ = show.consoles()
    moment = instant_of(as_of, "--as-of")
    with open_funnel(store, model) as funnel:
        _found(funnel.store, lead)
        decision = funnel.decide(lead, as_of=moment)
        why = decision.explain(gap=gap)
    if as_json:
        show.print_json({**decision.to_dict(), "explanation": why.to_dict()})
    else:
        show.show_explanation(out, why)


def _plain(fact: Fact) -> dict[str, Any]:
    return {
        "seq": fact.seq,
        "id": fact.id,
        "kind": fact.kind,
        "at": instant_text(fact.at),
        "recorded_at": instant_text(fact.recorded_at),
        "data": dict(fact.data),
        "words": fact_words(fact),
    }


@app.command()
def outbox(
    store: StoreOption,
    after: Annotated[
        int, typer.Option("--after", min=0, metavar="N", help="Only those with a higher number.")
    ] = 0,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="At most so many.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Wait for more, until interrupted.")
    ] = False,
    cloudevents: Annotated[
        bool, typer.Option("--cloudevents", help="CloudEvents 1.0, one JSON object a line.")
    ] = False,
    source: Annotated[
        str, typer.Option("--source", metavar="URI", help="With --cloudevents: which funnel.")
    ] = "mqlkit",
    zone: ZoneOption = "UTC",
    as_json: Annotated[
        bool, typer.Option("--json", help="Plain data for machines, one JSON object a line.")
    ] = False,
) -> None:
    """What the funnel tells other programs, in order; nothing is marked as delivered."""
    out, _ = show.consoles()
    when = when_in(zone_of(zone))
    left = limit
    with open_store(store) as opened:
        while True:
            most = _PAGE if left is None else min(_PAGE, left)
            messages = opened.outbox(after=after, limit=most) if most else []
            for message in messages:
                after = message.seq
                if cloudevents:
                    _print_line(_cloudevent(message, source))
                elif as_json:
                    _print_line(_plain_message(message))
                else:
                    text = f"{message.effect.lead_id}: {effect_words(message.effect, when)}"
                    show.say(out, f"{message.seq:>6}  {when(message.effect.at)}  {text}")
            left = None if left is None else left - len(messages)
            if left == 0 or (not messages and not follow):
                return
            if not messages:
                time.sleep(1)


def _cloudevent(message: Message, source: str) -> dict[str, Any]:
    # The extension "sequence" of CloudEvents: texts that sort as the messages do.
    return {**message.effect.cloudevent(source), "sequence": f"{message.seq:020}"}


def _plain_message(message: Message) -> dict[str, Any]:
    effect = message.effect
    return {
        "seq": message.seq,
        "kind": effect.kind,
        "lead": effect.lead_id,
        "at": instant_text(effect.at),
        "key": effect.key,
        "data": dict(effect.data),
        "delivered": message.delivered,
        "words": effect_words(effect),
    }


def _print_line(data: dict[str, Any]) -> None:
    print(json.dumps(data, ensure_ascii=True), flush=True)


_SOURCE: Final = "mqlkit"


@app.command()
def report(
    store: StoreOption,
    model: ModelOption,
    since: Annotated[
        str, typer.Option("--since", metavar="INSTANT", help="Handoffs opened from then on.")
    ],
    until: Annotated[
        str, typer.Option("--until", metavar="INSTANT", help="And before then; now unless stated.")
    ] = "now",
    zone: ZoneOption = "UTC",
    as_json: JsonOption = False,
) -> None:
    """Whether handoffs went as agreed, and what sales said about them."""
    out, _ = show.consoles()
    when = when_in(zone_of(zone))
    start, end = instant_of(since, "--since"), instant_of(until, "--until")
    with open_funnel(store, model) as funnel:
        kept = funnel.compliance(start, end)
        said = summary(funnel.feedback(since=start, until=end))
    if as_json:
        show.print_json({"compliance": kept.to_dict(), "feedback": said.to_dict()})
        return
    show.say(out, f"from {when(start)} to {when(end)}")
    show.say(out, str(kept).partition("\n")[2])
    show.say(out)
    show.say(out, str(said))
