# ruff: noqa: E501
"""What a model file's errors say, word for word; and how strict its reader is."""

import pickle

import pytest

from mqlkit import loads
from mqlkit.errors import Fault, ModelFileError
from mqlkit.lifecycle import LifecycleError
from mqlkit.spec import structure
from mqlkit.spec.refusal import found_in

MISTAKES: dict[str, tuple[str, str]] = {
    "not TOML": (
        "when = ",
        "  line 1: not TOML: invalid value (at the end)",
    ),
    "a key twice": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { known = "x" }\nname = "m"',
        "  line 5: not TOML: cannot overwrite a value (at the end)",
    ),
    "no version of the format": (
        'name = "n"\nversion = "1"\nwhen = { known = "x" }\n',
        "  the key 'format' is missing: say format = 1",
    ),
    "another version of the format": (
        'format = 2\nname = "n"\nversion = "1"\nwhen = { known = "x" }\n',
        "  format, line 1: found the number 2; wanted 1; a newer mqlkit may read it",
    ),
    "nothing said": (
        "",
        "  the key 'format' is missing: say format = 1\n  the key 'name' is missing\n  the key 'version' is missing\n  the key 'when' is missing",
    ),
    "a key misspelt": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { known = "x" }\nunknown = \'no\'',
        "  unknown, line 5: found an unknown key; a model has none such; did you mean 'unknowns'?",
    ),
    "a section misspelt": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { known = "x" }\n[redy]\nwhen = { known = "y" }\n[criterias]\n[handof]\n[lifecicle]\n[calendar]\n[list]',
        "  redy, line 5: found an unknown key; a model has none such; did you mean 'ready'?\n  criterias, line 7: found an unknown key; a model has none such; did you mean 'criteria'?\n  handof, line 8: found an unknown key; a model has none such; did you mean 'handoff'?\n  lifecicle, line 9: found an unknown key; a model has none such; did you mean 'lifecycle'?\n  calendar, line 10: found an unknown key; a model has none such; did you mean 'calendars'?\n  list, line 11: found an unknown key; a model has none such; did you mean 'lists'?",
    ),
    "a tag misspelt": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { attribute = "title", contain_any = ["vp"] }',
        '  when, line 4: found a table with "attribute" and "contain_any"; wanted a criterion; did you mean \'contains_any\'?',
    ),
    "an option misspelt": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { attribute = "title", contains_any = ["vp"], case_sensitiv = true }',
        "  when.case_sensitiv, line 4: found an unknown key; 'attribute' has none such; did you mean 'case_sensitive'?",
    ),
    "nothing asked": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { attribute = "title" }',
        "  when, line 4: found a table with \"attribute\"; wanted a criterion; say what to ask of 'attribute', such as at_least or equals",
    ),
    "two questions at once": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { attribute = "x", at_least = 1, at_most = 5 }',
        "  when, line 4: found 'at_least' and 'at_most' together; wanted a criterion with one tag; join criteria with all or any",
    ),
    "text for a list": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { attribute = "title", contains_any = "vp" }',
        '  when.contains_any, line 4: found the text "vp"; wanted a list',
    ),
    "text for a number": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { known = "x" }\n[card]\ncap = "200"',
        '  card.cap, line 6: found the text "200"; wanted a number',
    ),
    "a fraction for a whole number": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { count = { within = { days = 1.9 } }, at_least = 1 }',
        "  when.count.within.days, line 4: found the number 1.9; wanted a whole number",
    ),
    "text for a flag": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { attribute = "x", equals = 1, case_sensitive = "false" }',
        '  when.case_sensitive, line 4: found the text "false"; wanted true or false',
    ),
    "points missing": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { known = "x" }\n[[card.groups]]\nname = "r"\nwhen = { known = "x" }',
        "  card.groups[0], line 5: the key 'points' is missing",
    ),
    "too many decimals": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { known = "x" }\n[[card.groups]]\nname = "r"\nwhen = { known = "x" }\npoints = 0.0001',
        "  card.groups[0].points, line 8: found the number 0.0001; points have at most three decimals, not 0.0001",
    ),
    "an unknown name": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = "big frm"\n[criteria."big firm"]\nattribute = "employees"\nat_least = 50',
        "  when, line 4: found the text \"big frm\"; wanted a criterion, or the name of one in [criteria]; did you mean 'big firm'?",
    ),
    "a circle": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = "a"\n[criteria]\na = { not = "b" }\nb = { not = "a" }',
        "  criteria.b.not, line 7: found the text \"a\"; criteria refer to each other in a circle: 'a' → 'b' → 'a'",
    ),
    "an unknown list": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { attribute = "x", is_in = { list = "rival" } }\n[lists]\nrivals = ["a"]',
        "  when.is_in.list, line 4: found the text \"rival\"; wanted the name of a list in [lists]; did you mean 'rivals'?",
    ),
    "a list that is not given": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { known = "x" }\n[lists]\naccounts = { given = true }',
        "  lists.accounts, line 6: found a list given at load; its values were not given; pass lists={'accounts': [...]} to load",
    ),
    "an unknown score": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { score = "fitt", at_least = 1 }\n[[card.groups]]\nname = "fit"\nrules = []',
        "  when.score, line 4: found the text \"fitt\"; wanted the name of a score; did you mean 'fit'?",
    ),
    "a local time": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { attribute = "x", at_least = 2026-01-01T00:00:00 }',
        "  when.at_least, line 4: found 2026-01-01 00:00:00; an instant needs an offset, such as 2026-01-01T00:00:00Z",
    ),
    "no such day": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { attribute = "x", at_least = { date = "2026-02-30" } }',
        '  when.at_least.date, line 4: found the text "2026-02-30"; wanted a date such as { date = "2026-01-01" }',
    ),
    "bounds the wrong way round": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { attribute = "x", between = [5, 1] }',
        "  when, line 4: between wants the lower bound first: 1 is lower",
    ),
    "an endless decay": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { known = "x" }\n[[card.groups]]\nname = "r"\neach = {}\npoints = 1\ndecay = { half_life = 9999 }',
        "  card.groups[0].decay.half_life, line 9: found the number 9999; a span is at most 3,650 days, not 9999",
    ),
    "a wrong choice": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { known = "x" }\nunknowns = "No"',
        "  unknowns, line 5: found the text \"No\"; wanted 'ask' or 'no'",
    ),
    "an unsigned agreement": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { known = "x" }\n[agreement]\ndefinition = "n"\nversion = "1"\nstate = "signed"',
        "  agreement, line 5: a signed agreement has two signatures, and marketing and sales did not sign; add it, or say state 'draft' or 'pilot'",
    ),
    "three at once": (
        'format = 1\nname = "n"\nversion = "1"\nwhen = { all = [{ known = 5 }, { at_leest = 3, score = "total" }] }\n[never]\nx = { missing = ["a"] }',
        '  when.all[0].known, line 4: found the number 5; wanted text\n  when.all[1], line 4: found a table with "at_leest" and "score"; wanted a criterion; did you mean \'at_least\'?\n  never.x.missing, line 6: found a list of 1; wanted text',
    ),
}

FUNNEL = """format = 1
name = "n"
version = "1"
when = { score = "fit", at_least = 5 }
card = { groups = [{ name = "fit", rules = [{ name = "big", when = { known = "x" }, points = 9 }] }] }

[calendars.office]
zone = "Europe/Berlin"
week = { mon-fri = "09:00-17:00" }
closed = [2026-12-25]

[ready]
when = { score = "total", at_least = 8 }

[lifecycle]
name = "short"
calendar = "office"
stages = [
    { name = "lead" },
    { name = "mql", offers = true },
    { name = "sal", kind = "sla", within = { days = 14 } },
    { name = "customer", kind = "terminal" },
    { name = "recycled", cool_down = { weeks = 12 } },
]
moves = [
    { on = "qualified", source = ["lead", "recycled"], target = "mql", when = { score = "fit", at_least = 7 } },
    { on = "accepted", source = "mql", target = "sal" },
    { on = "won", source = "sal", target = "customer" },
    { on = "expired", source = "sal", target = "recycled" },
    { on = "recycled", source = ["mql", "sal"], target = "recycled" },
]

[handoff.sla]
calendar = "office"
targets = [{ name = "rest", offer = { hours = 2 }, first_touch = { hours = 8 } }]

[handoff.routing]
reps = [{ name = "ada" }]
territories = [{ name = "all", when = { score = "fit", at_least = 9 }, reps = ["ada"] }]

[[handoff.reasons]]
name = "early"
finding = "too soon"
cool_down = { days = 90 }
"""

SLIPS: dict[str, tuple[str, str, str]] = {
    "a unit misspelt": (
        "{ weeks = 12 }",
        "{ week = 12 }",
        "  lifecycle.stages[4].cool_down.week, line 23: found an unknown key; a span has none such; did you mean 'weeks'?",
    ),
    "a month is no span": (
        "{ weeks = 12 }",
        "{ months = 3 }",
        "  lifecycle.stages[4].cool_down.months, line 23: found an unknown key; a span has none such; it has no fixed length; say days",
    ),
    "half an hour": (
        "{ hours = 2 }",
        "{ hours = 0.5 }",
        "  handoff.sla.targets[0].offer.hours, line 35: found the number 0.5; wanted a whole number, zero or more; write half an hour as { minutes = 30 }",
    ),
    "a negative span": (
        "{ hours = 2 }",
        "{ hours = -2 }",
        "  handoff.sla.targets[0].offer.hours, line 35: found the number -2; wanted a whole number, zero or more",
    ),
    "a number for a span": (
        "{ hours = 2 }",
        "2",
        "  handoff.sla.targets[0].offer, line 35: found the number 2; wanted a span such as { days = 7 } or { hours = 2, minutes = 30 }",
    ),
    "nothing for a span": (
        "{ hours = 2 }",
        "{}",
        "  handoff.sla.targets[0].offer, line 35: found an empty table; wanted a span such as { days = 7 } or { hours = 2, minutes = 30 }",
    ),
    "a span of ages": (
        "{ hours = 2 }",
        "{ days = 99999999 }",
        "  handoff.sla.targets[0].offer, line 35: found a span of more than 100 years; a span is shorter",
    ),
    "an unknown calendar": (
        '[handoff.sla]\ncalendar = "office"',
        '[handoff.sla]\ncalendar = "ofice"',
        "  handoff.sla.calendar, line 34: found the text \"ofice\"; wanted a calendar, or the name of one in [calendars]; did you mean 'office'?",
    ),
    "an unknown zone": (
        '"Europe/Berlin"',
        '"Europe/Berln"',
        "  calendars.office.zone, line 8: found the text \"Europe/Berln\"; there is no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?",
    ),
    "a window that is none": (
        '"09:00-17:00"',
        '"9 to 5"',
        "  calendars.office.week.mon-fri, line 9: \"9 to 5\" is no window; wanted hours and minutes such as '09:00-17:00', '22:00-06:00' or '00:00-24:00'",
    ),
    "several windows that are none": (
        '{ mon-fri = "09:00-17:00" }',
        '{ mon = "9-5", tue = "09:00-17:00", wensday = "09:00-17:00", fri = [] }',
        "  calendars.office.week.mon, line 9: \"9-5\" is no window; wanted hours and minutes such as '09:00-17:00', '22:00-06:00' or '00:00-24:00'\n  calendars.office.week.wensday, line 9: wanted a day or a range of days such as 'mon-fri'; days are mon, tue, wed, thu, fri, sat and sun",
    ),
    "a day named twice": (
        '{ mon-fri = "09:00-17:00" }',
        '{ mon-fri = "09:00-17:00", fri = "09:00-12:00" }',
        '  calendars.office.week, line 9: found a table with "mon-fri" and "fri"; a week names each day once, and fri twice',
    ),
    "an unknown stage": (
        'target = "customer"',
        'target = "custmer"',
        "  lifecycle.moves[2].target, line 28: found 'custmer'; wanted the name of a stage; did you mean 'customer'?",
    ),
    "an SLA stage without a time": (
        ", within = { days = 14 }",
        "",
        "  lifecycle.stages[2].within, line 21: found no time; the SLA stage 'sal' says how long; for example within = { days = 14 }",
    ),
    "an unknown score in a move": (
        '{ score = "fit", at_least = 7 }',
        '{ all = [{ score = "fitt", at_least = 7 }] }',
        "  lifecycle.moves[0].when.all[0].score, line 26: found the text \"fitt\"; wanted the name of a score; did you mean 'fit'?",
    ),
    "an unknown score in a territory": (
        '{ score = "fit", at_least = 9 }',
        '{ score = "heat", at_least = 9 }',
        "  handoff.routing.territories[0].when.score, line 39: found the text \"heat\"; wanted the name of a score; known are 'fit', 'total'",
    ),
    "an unknown score in readiness": (
        '{ score = "total", at_least = 8 }',
        '{ score = "totl", at_least = 8 }',
        "  ready.when.score, line 13: found the text \"totl\"; wanted the name of a score; did you mean 'total'?",
    ),
    "readiness of which only a part is written": (
        '[ready]\nwhen = { score = "total", at_least = 8 }',
        '[ready.at_once]\nasked = { known = "y" }',
        "  ready, line 12: the key 'when' is missing",
    ),
    "readiness without a criterion": (
        'when = { score = "total", at_least = 8 }',
        "",
        "  ready, line 12: the key 'when' is missing",
    ),
    "targets of which one is never looked at": (
        'targets = [{ name = "rest", offer = { hours = 2 }, first_touch = { hours = 8 } }]',
        """targets = [
    { name = "rest", offer = { hours = 2 }, first_touch = { hours = 8 } },
    { name = "rest", offer = { hours = 2 }, first_touch = { hours = 8 } },
]""",
        "  handoff.sla.targets[0].name, line 36: found 'rest'; a name stands once\n  handoff.sla.targets[1].name, line 37: found 'rest'; a name stands once\n  handoff.sla.targets[0].when, line 36: found none for 'rest'; wanted a criterion, since no lead gets past this one; or put it last",
    ),
    "a target that warns before it starts and does not start": (
        "offer = { hours = 2 }",
        "offer = { hours = 0 }, attempts = 3, warn_before = { hours = 9 }",
        "  handoff.sla.targets[0].offer, line 35: found 0 s; wanted a span above zero for an offer\n  handoff.sla.targets[0].warn_before, line 35: found 9 h; wanted less than the 8 h that the first touch takes\n  handoff.sla.targets[0].every, line 35: found none, and 3 attempts at most; wanted how long the lead has to answer the last one; or leave attempts out",
    ),
    "an unmapped reason code": (
        ' source = ["mql", "sal"]',
        ' source = "mql"',
        "  handoff.reasons[0].then, line 41: found the reason code 'early', which raises 'recycled'; every stage at which a lead may have a handoff has a move for that; add a move on 'recycled' from 'sal', or let the code lead elsewhere",
    ),
    "an offer that nobody can accept": (
        'on = "accepted"',
        'on = "taken"',
        "  lifecycle.stages[1].offers, line 20: found a stage that offers; a lead that is offered at 'mql' can be accepted; add a move on 'accepted' from 'mql'",
    ),
    "a reason that recycles without a cool-down": (
        "cool_down = { days = 90 }",
        "",
        "  handoff.reasons[0].cool_down, line 41: found none for 'early', which recycles; wanted a cool-down above zero; or say then = 'disqualify' or 'retry'",
    ),
    "a pool of strangers": (
        'reps = ["ada"]',
        'reps = ["adda"]',
        "  handoff.routing.territories[0].reps[0], line 39: found 'adda'; wanted the name of one of the reps; did you mean 'ada'?",
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_beside_the_definition_is_found_in_its_place(slip: str) -> None:
    right, wrong, said = SLIPS[slip]
    loads(FUNNEL)
    assert FUNNEL.count(right) == 1
    with pytest.raises(ModelFileError) as caught:
        loads(FUNNEL.replace(right, wrong))
    assert str(caught.value) == f"the model cannot be loaded\n{said}"


LAYOUT = '''format = 1
name = "n"
version = "1"
when = { known = "x" }

[lifecycle]
name = "l"  # [ { = , ] }
stages = [  # one, two = [
    # { name = "none" },
    { name = "lead" },
    { name = "mql", team = "sail" }, { name = "sql", kind = "gat" }, # end

    { name = "won", kind = "termnal" }
]
moves = [{ on = "a", source = [
    "lead", 1.5, """ # [ {
# no element, = ]
""",
    true], target = "won" },
  { on = 'b', "source" = "#", target = 3 }]
path = ["lead",
  "[", 4]
'''


def test_what_stands_in_a_list_has_the_line_that_it_begins_at() -> None:
    with pytest.raises(ModelFileError) as caught:
        loads(LAYOUT)
    told = {fault.path: fault.line for fault in caught.value.faults}
    marks = {
        "stages[1].team": "sail",
        "stages[2].kind": "gat",
        "stages[3].kind": "termnal",
        "moves[0].source[1]": "1.5",
        "moves[0].source[3]": "true]",
        "moves[1].target": "target = 3",
        "path[2]": "4]",
    }
    lines = LAYOUT.split("\n")
    numbers = {
        f"lifecycle.{path}": next(n for n, line in enumerate(lines, 1) if mark in line)
        for path, mark in marks.items()
    }
    assert told == numbers


def test_a_field_that_finds_several_faults_tells_each_in_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever a part checks by itself, its converters included, comes with its own paths."""
    faults = [Fault("[0].a", None, "1", "wanted 2"), Fault("[7]", None, "", "wanted less")]

    def refuse(value: object) -> None:
        raise LifecycleError(faults)

    monkeypatch.setattr(structure, "_check_of", lambda field: refuse)
    with pytest.raises(Exception) as caught:  # noqa: PT011
        structure.Structure().lifecycle({"name": "l", "stages": [], "moves": []})
    shape = structure.structure().shape_of_made
    found = [place for (place, _, _), _ in found_in(caught.value, ("lifecycle",), shape)]
    assert [place for place in found if place[1] == "stages"] == [
        ("lifecycle", "stages", 0, "a"),
        ("lifecycle", "stages", 7),
    ]


def test_slips_in_several_sections_are_told_at_once() -> None:
    text = FUNNEL
    for slip in ("a unit misspelt", "half an hour", "an unknown zone"):
        right, wrong, _ = SLIPS[slip]
        text = text.replace(right, wrong)
    with pytest.raises(ModelFileError) as caught:
        loads(text.replace('score = "total"', 'score = "totl"'))
    assert [fault.path for fault in caught.value.faults] == [
        "calendars.office.zone",
        "ready.when.score",
        "lifecycle.stages[4].cool_down.week",
        "handoff.sla.targets[0].offer.hours",
    ]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_an_error_says_what_where_and_how_to_mend_it(mistake: str) -> None:
    text, said = MISTAKES[mistake]
    with pytest.raises(ModelFileError) as caught:
        loads(text)
    assert str(caught.value) == f"the model cannot be loaded\n{said}"


def test_an_error_survives_pickling() -> None:
    error = ModelFileError([Fault("card.cap", 7, "x", "wanted y", "z")], "fit.toml")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.faults, copy.source) == (str(error), error.faults, "fit.toml")


def test_an_error_is_short_and_obeys_no_terminal() -> None:
    text = '{"' + "\\u001b[31m" * 400 + '": 1' + "".join(f', "k{i}": 1' for i in range(500)) + "}"
    with pytest.raises(ModelFileError) as caught:
        loads(text, "json")
    said = str(caught.value)
    assert len(said) <= 2_000
    assert said.replace("\n", "").isprintable()
    assert "more" in said.split("\n")[-1]
