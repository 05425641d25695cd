"""
``mqlkit funnel``: a model at work over a database.
"""

import json
import time
from datetime import timedelta
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from ..funnel import Funnel
from ..funnel.plain import instant_text
from ..handoff import compliance, summary
from ..store import Fact, Message
from ..tables import Report
from ..tables.source import open_sheet
from ..value import moment_text, printable
from . import show
from .arguments import FaultsOption, JsonOption, QuietOption, instant_of
from .models import find_model
from .recording import Recording
from .run import fault_file, progress
from .stores import FunnelError, open_funnel, open_store
from .words import effect_words, fact_words

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
    as_json: JsonOption = False,
) -> None:
    """Let time pass: timers, deadlines, points that fade."""
    out, err = show.consoles()
    moment = instant_of(now, "--now")
    with open_funnel(store, model) as funnel:
        ticked = funnel.tick(moment, limit=limit)
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
        show.say(
            out,
            f"{moment_text(moment)}: looked at {len(ticked.looked):,} leads, "
            f"{len(ticked.effects):,} effects",
        )
        for effect in ticked.effects:
            show.say(out, f"  {effect.lead_id}: {effect_words(effect)}")
        for lead, error in ticked.failed.items():
            show.say(err, f"  lead {lead!r} could not be looked at: {error}", "red")
    raise typer.Exit(int(bool(ticked.failed)))


# -- looking -----------------------------------------------------------------------------------


@app.command()
def status(
    store: StoreOption,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", metavar="MODEL", envvar="MQLKIT_MODEL", help="For the order of the stages."
        ),
    ] = None,
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
    lead: Annotated[str, typer.Argument(metavar="LEAD", help="The lead's key.")],
    store: StoreOption,
    as_json: JsonOption = False,
) -> None:
    """Everything that was recorded about a lead, in the order in which it was."""
    out, _ = show.consoles()
    with open_store(store) as opened:
        found = opened.read(lead)
    if found is None:
        raise FunnelError(f"there is no lead {printable(lead)!r} in this funnel")
    if as_json:
        show.print_json([_plain(fact) for fact in found.facts])
        return
    row = found.row
    where = f"{lead} stands at {row.stage} since {moment_text(row.since)}"
    show.say(out, f"{where}; {row.status or 'not decided'}", "bold")
    for fact in found.facts:
        late = fact.recorded_at - fact.at >= timedelta(seconds=1)
        told = f"; told {moment_text(fact.recorded_at)}" if late else ""
        show.say(out, f"  {moment_text(fact.at)}  {fact_words(fact)}{told}")


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
) -> None:
    """What the funnel tells other programs, in order; nothing is marked as delivered."""
    out, _ = show.consoles()
    left = limit
    with open_store(store) as opened:
        while True:
            most = _PAGE if left is None else min(_PAGE, left)
            messages = opened.outbox(after=after, limit=most) if most else []
            for message in messages:
                after = message.seq
                _tell_message(out, message, source if cloudevents else None)
            left = None if left is None else left - len(messages)
            if left == 0 or (not messages and not follow):
                return
            if not messages:
                time.sleep(1)


def _tell_message(out: Console, message: Message, source: str | None) -> None:
    effect = message.effect
    if source is None:
        text = f"{effect.lead_id}: {effect_words(effect)}"
        show.say(out, f"{message.seq:>6}  {moment_text(effect.at)}  {text}")
        return
    # The extension "sequence" of CloudEvents: texts that sort as the messages do.
    told = {**effect.cloudevent(source), "sequence": f"{message.seq:020}"}
    print(json.dumps(told, ensure_ascii=True), flush=True)


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
    as_json: JsonOption = False,
) -> None:
    """Whether handoffs went as agreed, and what sales said about them."""
    out, _ = show.consoles()
    start, end = instant_of(since, "--since"), instant_of(until, "--until")
    with open_funnel(store, model) as funnel:
        policy = funnel.model.handoff
        if policy is None:
            raise FunnelError("the model hands nothing off; add a section [handoff] to it")
        handoffs = funnel.handoffs(since=start, until=end)
        feedbacks = funnel.feedback(since=start, until=end)
        kept = compliance(funnel.model.agreement, handoffs, feedbacks, start, end, policy)
        said = summary(feedbacks)
    if as_json:
        show.print_json({"compliance": kept.to_dict(), "feedback": said.to_dict()})
        return
    show.say(out, str(kept))
    show.say(out)
    show.say(out, str(said))
