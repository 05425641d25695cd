"""Every preset: it loads, comes back from each format, says its source and decides three leads."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqlkit import KINDS_OF_MQL, Activity, Decision, Lead, Qualification, Status, Verdict, attribute
from mqlkit.criteria.aggregate import ActivityMeasure
from mqlkit.criterion import Named
from mqlkit.errors import UnknownNameError
from mqlkit.funnel import Funnel
from mqlkit.lifecycle import Event, Journey, Lifecycle, standard
from mqlkit.presets import load_preset, preset_names, preset_text
from mqlkit.rules.activity import ActivityRule
from mqlkit.spec import dumps, loads
from mqlkit.spec.sense import lint_model
from mqlkit.store import MemoryStore
from mqlkit.vocabulary import ACTIVITY_KINDS, CONTENT_TYPES

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVERY = pytest.mark.parametrize("name", preset_names())


def did(kind: str, hours: float = 1, **properties: object) -> Activity:
    return Activity(kind, NOW - timedelta(hours=hours), properties)


def tables(value: object) -> Iterator[dict[str, Any]]:
    """Every table of a file, outermost first."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from tables(item)


@lru_cache
def written(name: str) -> dict[str, dict[str, Any]]:
    """The groups and rules of a file's card, by name, as they are written."""
    card = tomllib.loads(preset_text(name))["card"]
    return {table["name"]: table for table in tables(card) if "name" in table}


def points(name: str, *rules: str) -> int:
    """What the file gives for rules that count once, by their names; "3 x ..." for three times."""
    total = 0
    for rule in rules:
        times, _, plain = rule.rpartition(" x ")
        total += int(times or 1) * written(name)[plain]["points"]
    return total


def band(name: str, rule: str, value: float) -> int:
    """What the file gives for a value by its bands."""
    for row in written(name)[rule]["by_band"]:
        if row.get("at_least", value) <= value < row.get("below", value + 1):
            return int(row["points"])
    return 0


def capped(name: str, group: str, total: int) -> int:
    """What is left of a group's points under its cap."""
    return int(min(total, written(name)[group]["cap"]))


model = lru_cache(load_preset)


def decide(name: str, lead: Lead, *, as_of: datetime = NOW) -> Decision:
    return model(name).decide(lead, as_of=as_of)


def check(decision: Decision, status: Status, low: float, high: float | None = None) -> None:
    """The status and the score, which the explanation's lines make up exactly."""
    assert decision.status is status, str(decision.explain())
    score = decision.score
    assert (score.low, score.high) == (low, low if high is None else high)
    for end in ("low", "points", "high"):
        assert sum((getattr(line, end) for line in score.lines), Decimal(0)) == getattr(score, end)


# -- all of them -------------------------------------------------------------------------------


def test_the_names() -> None:
    assert preset_names() == (
        "b2b-saas",
        "classic",
        "e-commerce",
        "nurture-loop",
        "primer",
        "sales-ready",
        "services",
        "standard-lifecycle",
        "without-sal",
    )


@EVERY
def test_it_comes_back_from_every_format(name: str) -> None:
    preset = load_preset(name)
    for format in ("toml", "json", "yaml"):
        again = loads(dumps(preset, format), format)  # type: ignore[arg-type]
        assert again == preset
        assert again.qualification.fingerprint == preset.qualification.fingerprint
        assert again.fingerprint == preset.fingerprint


@EVERY
def test_it_is_called_as_its_file_and_says_its_source(name: str) -> None:
    assert load_preset(name).qualification.name == name
    head = preset_text(name).split("\n\nformat = 1", 1)[0]
    assert all(line.startswith("#") for line in head.splitlines())
    assert "# Source" in head
    assert "# Ours: " in head


@EVERY
def test_it_stands_on_the_shipped_vocabulary(name: str) -> None:
    q = load_preset(name).qualification
    rules = [rule for card in q.cards for rule in card.all_rules()]
    criteria = [c for _, formula in q.formulas() for c in formula.walk()]
    criteria += [c for rule in rules for asked in rule.criteria() for c in asked.walk()]
    measures = [getattr(c, "measure", None) for c in criteria]
    kinds = [set(m.activities.kinds) for m in measures if isinstance(m, ActivityMeasure)]
    kinds += [set(rule.activities.kinds) for rule in rules if isinstance(rule, ActivityRule)]
    assert kinds
    assert set().union(*kinds) <= set(ACTIVITY_KINDS)
    for table in tables(tomllib.loads(preset_text(name))):
        if table.get("attribute") == "content_type":
            assert set(table.get("is_in", [table.get("equals")])) <= set(CONTENT_TYPES)


@EVERY
def test_there_is_nothing_wrong_with_it(name: str) -> None:
    assert lint_model(load_preset(name)) == ()


@EVERY
def test_its_agreement_is_a_draft_about_itself(name: str) -> None:
    preset = load_preset(name)
    if preset.agreement is None:
        assert name in ("primer", "classic")  # they quote others, and nobody has agreed on them
        return
    q = preset.qualification
    assert preset.agreement.state == "draft"
    assert preset.agreement.problems(q.name, q.version, NOW) == (
        "it is a draft",
        "it is unsigned by marketing",
        "it is unsigned by sales",
    )


@EVERY
def test_a_lead_of_whom_nothing_is_known_is_not_decided(name: str) -> None:
    assert decide(name, Lead("ada")).status is Status.NEEDS_DATA


def test_there_is_no_other_preset() -> None:
    with pytest.raises(UnknownNameError, match="no preset 'b2b-sass'; did you mean 'b2b-saas'"):
        load_preset("b2b-sass")
    with pytest.raises(UnknownNameError, match="there is no preset"):
        preset_text("../presets/primer")


# -- primer ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activity", "title", "given"),
    [
        (did("page_view", page="/pricing"), "Manager", 20),
        (did("demo_request"), "Manager", 30),
        (did("content_download", content_type="e-book", asset_id="a"), "Manager", 10),
        (did("content_download", content_type="guide", asset_id="a"), "Manager", 0),
        (did("email_open"), "Manager", 5),
        (did("unsubscribe"), "Manager", -10),
        (did("webinar_attended", webinar="w"), "Manager", 25),
        (did("page_view", page="/about"), "Manager", 5),
        (did("careers_view"), "Student", -20),
        (did("careers_view"), "Senior consultant", -20),
    ],
)
def test_the_primers_figures(activity: Activity, title: str, given: int) -> None:
    lead = Lead("ada", {"email": "ada@acme.example", "title": title}, [activity])
    assert decide("primer", lead).score.points == given


PRIMER = Lead(
    "ada",
    {"email": "ada@acme.example", "title": "Marketing Manager"},
    [
        did("demo_request"),
        did("page_view", page="/pricing"),
        did("email_open"),
        did("email_open", 2),
    ],
)


def test_primer() -> None:
    earned = points("primer", "asked for a demonstration", "pricing page", "2 x opened e-mail")
    check(decide("primer", PRIMER), Status.QUALIFIED, earned)

    untitled = attrs.evolve(PRIMER, attributes={"email": "ada@acme.example"})
    decision = decide("primer", untitled)
    check(decision, Status.NEEDS_DATA, earned + points("primer", "student or consultant"), earned)
    assert [m.field for m in decision.missing] == ["title"]

    rival = attrs.evolve(PRIMER, attributes={**PRIMER.attributes, "email": "ada@rival.example"})
    decision = decide("primer", rival)
    check(decision, Status.DISQUALIFIED, earned)
    assert decision.reasons == ("works for a competitor",)


# -- classic -----------------------------------------------------------------------------------

CLASSIC = Lead(
    "ada",
    {
        "email": "ada@acme.example",
        "title": "Head of Marketing",
        "industry": "software",
        "employees": 50,
    },
    [did("email_click"), did("webinar_attended", 300), did("page_view", 29 * 24)],
)


def classic(**changes: object) -> Decision:
    return decide("classic", attrs.evolve(CLASSIC, attributes={**CLASSIC.attributes, **changes}))


def test_classic() -> None:
    assert classic().status is Status.QUALIFIED
    assert classic(employees=49).status is Status.NOT_QUALIFIED
    assert classic(industry="fishing").status is Status.NOT_QUALIFIED
    assert classic(title="Clerk").status is Status.NOT_QUALIFIED
    few = attrs.evolve(CLASSIC, activities=(CLASSIC.activities or ())[:2])
    assert decide("classic", few).status is Status.NOT_QUALIFIED

    unsized = classic(employees=None)
    assert unsized.status is Status.NEEDS_DATA
    assert [m.field for m in unsized.missing] == ["employees"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"email": "ada@rival.example"}, "works for a competitor"),
        ({"title": "Student, manager of the club"}, "is a student"),
        ({"title": "Marketing Manager Intern"}, "is a student"),
        ({"email": "ada@campus.edu"}, "is a student"),
        ({"is_customer": True}, "is a customer"),
    ],
)
def test_classic_never(changes: dict[str, object], reason: str) -> None:
    decision = classic(**changes)
    assert decision.status is Status.DISQUALIFIED
    assert decision.reasons == (reason,)


def test_classic_never_job_seekers_but_international_managers() -> None:
    seeker = attrs.evolve(CLASSIC, activities=(*(CLASSIC.activities or ()), did("careers_view")))
    assert decide("classic", seeker).reasons == ("looks for a job",)
    assert classic(title="International Marketing Manager").status is Status.QUALIFIED


# -- b2b-saas ----------------------------------------------------------------------------------

SAAS = Lead(
    "ada",
    {
        "email": "ada@acme.example",
        "title": "Director of Operations",
        "industry": "software",
        "employees": 120,
        "country": "DE",
    },
    [
        did("page_view", 1, page="/pricing"),
        did("page_view", 2, page="/pricing"),
        did("webinar_attended", 3, webinar="w"),
        did("email_click", 4),
        did("email_click", 5),
    ],
)


def saas_fit() -> int:
    seniority = {
        word: case["points"]
        for case in written("b2b-saas")["seniority"]["cases"]
        for word in case["when"]["contains_any"]
    }
    known = points("b2b-saas", "target industry") + seniority["director"]
    known += written("b2b-saas")["country"]["by_value"]["DE"] + band("b2b-saas", "size", 120)
    return capped("b2b-saas", "fit", known)


def saas(**changes: object) -> Decision:
    return decide("b2b-saas", attrs.evolve(SAAS, attributes={**SAAS.attributes, **changes}))


ENGAGED = points("b2b-saas", "2 x pricing page", "webinar", "2 x clicked in e-mail")


def test_b2b_saas() -> None:
    decision = saas()
    check(decision, Status.QUALIFIED, saas_fit() + ENGAGED)
    assert decision.scores["fit"].points == saas_fit()
    assert decision.scores["engagement"].points == ENGAGED
    assert decision.grades == {"fit": "A", "engagement": "1", "fit and engagement": "A1"}
    assert decision.labels == ("e-mail MQL", "level 4 MQL")
    assert any("the agreement: it is a draft" in note for note in decision.notes)
    assert "pays for licences" in str(decision.explain())


def test_b2b_saas_fades() -> None:
    """A half-life later half of what activities gave is left, and nobody is engaged any more."""
    later = decide("b2b-saas", SAAS, as_of=NOW + timedelta(days=30))
    assert later.scores["engagement"].points == Decimal(ENGAGED) / 2
    assert later.scores["fit"].points == saas_fit()
    assert later.status is Status.NOT_QUALIFIED


def test_b2b_saas_needs_data() -> None:
    decision = saas(industry=None)
    without = saas_fit() - points("b2b-saas", "target industry")
    check(decision, Status.NEEDS_DATA, without + ENGAGED, saas_fit() + ENGAGED)
    assert [m.field for m in decision.missing] == ["industry"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"email": "ada@contender.example"}, "works for a competitor"),
        ({"title": "Student, Director of Operations"}, "is a student"),
        ({"is_customer": True}, "is a customer"),
    ],
)
def test_b2b_saas_never(changes: dict[str, object], reason: str) -> None:
    decision = saas(**changes)
    check(decision, Status.DISQUALIFIED, saas_fit() + ENGAGED)
    assert decision.reasons == (reason,)


def test_b2b_saas_at_once() -> None:
    cold = {"email": "ada@acme.example", "title": "Clerk"}
    asked = Lead("ada", cold, [did("demo_request", 24)])
    assert decide("b2b-saas", asked).reasons == ("asked for a demonstration",)
    used = [did("product_used", i, feature=f"f{i % 3}") for i in range(5)]
    assert decide("b2b-saas", Lead("ada", cold, used)).reasons == ("uses the trial",)
    bored = [did("product_used", i, feature=f"f{i % 2}") for i in range(9)]
    decision = decide("b2b-saas", Lead("ada", cold, bored))
    assert decision.at_once["uses the trial"].name == "NO"


contents = st.sampled_from(sorted(CONTENT_TYPES))
happenings = st.builds(
    lambda kind, days, content, page: did(
        kind, days * 24, **({"content_type": content} if "content" in kind else {"page": page})
    ),
    st.sampled_from(sorted(ACTIVITY_KINDS)),
    st.sampled_from([0.5, 20, 29, 31, 60, 100]),
    st.one_of(contents, st.none()),
    st.sampled_from(["/pricing", "/", None]),
)


@given(activities=st.lists(happenings, max_size=6))
def test_b2b_saas_labels_are_the_six_kinds(activities: list[Activity]) -> None:
    """Written out in the file for people to change, they mean what the library ships."""
    shipped = Qualification(
        "any", version="1", when=attribute("email").known(), labels=KINDS_OF_MQL
    )
    lead = Lead("ada", activities=activities)
    ours = model("b2b-saas").qualification
    assert decide("b2b-saas", lead).labels == shipped.decide(lead, as_of=NOW).labels
    assert {n: label.play for n, label in ours.labels.items()} == {
        n: label.play for n, label in KINDS_OF_MQL.items()
    }


# -- e-commerce --------------------------------------------------------------------------------

SHOPPER = Lead(
    "ada",
    {"email": "ada@gmail.com"},
    [
        did("product_view", 1, product="bike"),
        did("product_view", 2, product="bike"),
        did("product_view", 3, product="helmet"),
        did("cart_add", 4, product="bike", amount=900),
        did("checkout_started", 3),
    ],
)


def test_e_commerce() -> None:
    name = "e-commerce"
    earned = points(name, "3 x looked at a product", "put into the cart", "began to pay")
    priced = earned + band(name, "value of the cart", 900)
    decision = decide(name, SHOPPER)
    check(decision, Status.QUALIFIED, priced)
    assert decision.labels == ()

    *others, cart, pay = SHOPPER.activities or ()
    unpriced = attrs.evolve(cart, properties={"product": "bike"})
    decision = decide(name, attrs.evolve(SHOPPER, activities=(*others[:1], unpriced, pay)))
    assert decision.status is Status.NEEDS_DATA
    assert decision.missing[0].field == "cart_add.amount"
    few = points(name, "looked at a product", "put into the cart", "began to pay")
    assert (decision.score.low, decision.score.high) == (
        few,
        few + band(name, "value of the cart", 10_000),
    )

    bought = did("order_completed", 2, order_id="o", amount=900)
    decision = decide(name, attrs.evolve(SHOPPER, activities=(*(SHOPPER.activities or ()), bought)))
    check(decision, Status.DISQUALIFIED, priced + band(name, "value of orders in a year", 900))
    assert decision.reasons == ("bought just now",)


def test_e_commerce_a_full_cart_qualifies_at_once_and_may_be_left_behind() -> None:
    cart = [did("cart_add", 30, product=p, amount=1_000) for p in ("bike", "trailer")]
    decision = decide("e-commerce", Lead("ada", {"email": "ada@gmail.com"}, cart))
    assert decision.reasons[0] == "a cart of high value"
    assert decision.labels == ("left the cart behind",)
    paid = [*cart, did("order_completed", 29, order_id="o", amount=2_000)]
    assert decide("e-commerce", Lead("ada", {"email": "ada@gmail.com"}, paid)).labels == ()


# -- services ----------------------------------------------------------------------------------

CLIENT = Lead(
    "ada",
    {
        "email": "ada@acme.example",
        "title": "Managing Director",
        "country": "AT",
        "budget": 60_000,
        "project_start": "2027-02-01",
    },
    [
        did("content_download", 1, content_type="proposal guide", asset_id="guide"),
        did("content_view", 2, content_type="case study", asset_id="case 1"),
    ],
)


def client(**changes: object) -> Decision:
    return decide("services", attrs.evolve(CLIENT, attributes={**CLIENT.attributes, **changes}))


def test_services() -> None:
    name = "services"
    fit = points(name, "where we work", "can decide") + band(name, "budget", 60_000)
    engaged = points(name, "proposal guide", "case study")
    decision = client()
    check(decision, Status.QUALIFIED, fit + engaged)
    assert decision.labels == ("plans a project",)
    assert decision.grades["fit"] == "A"

    unknown = client(budget=None, title=None)
    sure = points(name, "where we work")
    least = sure + band(name, "budget", 0)
    most = sure + points(name, "can decide") + band(name, "budget", 100_000)
    check(unknown, Status.NEEDS_DATA, least + engaged, capped(name, "fit", most) + engaged)
    assert [m.field for m in unknown.missing] == ["budget", "title"]

    rival = client(email="ada@rival.example")
    check(rival, Status.DISQUALIFIED, fit + engaged)
    assert client(is_vendor=True).reasons == ("offers something to us",)


def test_services_two_case_studies_will_do_instead_of_the_guide() -> None:
    cases = [
        did("content_view", i, content_type="case study", asset_id=f"case {i}") for i in (1, 2)
    ]
    decision = decide("services", attrs.evolve(CLIENT, activities=tuple(cases)))
    assert decision.labels == ("learns from others",)
    again = [did("content_view", i, content_type="case study", asset_id="case 1") for i in (1, 2)]
    decision = decide("services", attrs.evolve(CLIENT, activities=tuple(again)))
    assert decision.status is Status.NOT_QUALIFIED


# -- sales-ready -------------------------------------------------------------------------------


def found_out(*, on: date = date(2026, 11, 2), confirmed: bool = True) -> dict[str, object]:
    """What sales found out about one of the four questions."""
    return {"confirmed": confirmed, "by": "ada", "on": on}


KNOWN = {"need": found_out(), "budget": found_out(), "time_frame": found_out()}


def prospect(*activities: Activity, **attributes: object) -> Decision:
    known = {"email": "joe@acme.example", "title": "Clerk", "employees": 20, **attributes}
    return decide("sales-ready", Lead("joe", known, activities))


def test_sales_ready_who_asks_is_ready_at_once() -> None:
    assert prospect(did("demo_request")).reasons == ("asked for a demonstration",)
    assert prospect(did("demo_request", 15 * 24)).status is not Status.QUALIFIED


def test_sales_ready_who_answers_and_is_past_the_second_line() -> None:
    name = "sales-ready"
    warm = [did("email_reply"), did("call_taken"), did("page_view", page="/pricing")]
    fit = band(name, "size", 500) + points(name, "can decide")
    decision = prospect(*warm, title="VP Sales", employees=500)
    engaged = points(name, "answered an e-mail", "spoke with us", "pricing page")
    engaged = capped(name, "engagement", engaged)
    check(decision, Status.QUALIFIED, fit + engaged)
    silent = prospect(did("call_taken", 40 * 24), *warm[2:], title="VP Sales", employees=500)
    assert silent.status is not Status.QUALIFIED


def test_sales_ready_by_what_sales_found_out() -> None:
    """Each of the four says when it was found out; three of them will do, with the need."""
    decision = prospect(**KNOWN)
    assert decision.status is Status.QUALIFIED
    assert "sales found out enough" in str(decision.explain())
    old = found_out(on=date(2026, 1, 2))
    assert prospect(**{**KNOWN, "budget": old, "authority": old}).status is Status.NOT_QUALIFIED
    assert prospect(**{**KNOWN, "authority": found_out()}).labels == ("knows it all",)


def test_sales_ready_what_nobody_asked_about_is_not_known() -> None:
    decision = prospect(need=found_out(), budget=found_out())
    assert decision.status is Status.NEEDS_DATA
    missing = {m.field for m in decision.missing}
    assert {"authority.confirmed", "time_frame.confirmed"} <= missing
    undated = {"confirmed": True, "by": "ada"}
    assert prospect(**{**KNOWN, "need": undated}).status is Status.NEEDS_DATA


def test_sales_ready_never_without_a_need() -> None:
    decision = prospect(did("demo_request"), **{**KNOWN, "need": found_out(confirmed=False)})
    assert decision.status is Status.DISQUALIFIED
    assert decision.reasons == ("has no need",)


def test_sales_ready_a_need_that_was_none_years_ago_is_asked_about_again() -> None:
    """A record that is too old does not count, whether it says yes or no."""
    last = (NOW - timedelta(days=179)).date()  # A date begins at midnight, and now it is noon.
    for on, status in [
        (date(2022, 5, 4), Status.QUALIFIED),
        (last - timedelta(days=1), Status.QUALIFIED),
        (last, Status.DISQUALIFIED),
    ]:
        no_need = found_out(on=on, confirmed=False)
        assert prospect(did("demo_request"), need=no_need).status is status


VIEWS = 3 * [did("page_view", page="/pricing")]


@pytest.mark.parametrize(
    ("sign", "activities", "about"),
    [
        ("replied", [did("email_reply")], {}),
        (
            "past the second line",
            [did("meeting_held", 31 * 24), *VIEWS],
            {"title": "VP Sales", "employees": 500},
        ),
    ],
    ids=["replied", "past the second line"],
)
def test_sales_ready_neither_a_reply_nor_a_score_is_enough_by_itself(
    sign: str, activities: list[Activity], about: dict[str, object]
) -> None:
    decision = prospect(*activities, **about)
    assert decision.status is not Status.QUALIFIED
    named = [c for c in decision.qualification.when.walk() if isinstance(c, Named)]
    holds = {c.name for c in named if c.judge(decision.snapshot) is Verdict.YES}
    assert holds == {sign}


# -- the lifecycles ----------------------------------------------------------------------------


def lifecycle(name: str) -> Lifecycle:
    found = model(name).lifecycle
    assert found is not None
    return found


def walk(name: str, *triggers: str, days: float = 0) -> Journey:
    """The journey of a lead of which so much happens, with so many days before each."""
    table, at = lifecycle(name), NOW
    journey = table.begin("ada", at, stage="lead").journey
    for trigger in triggers:
        at += timedelta(days=days)
        journey = table.tick(journey, at).journey
        journey = table.step(journey, Event(trigger, at)).journey
    return journey


@pytest.mark.parametrize("name", ["nurture-loop", "standard-lifecycle", "without-sal"])
def test_a_lifecycle_with_its_two_lines(name: str) -> None:
    """Qualified and ready for sales are two answers about one lead on one card."""
    preset = model(name)
    assert preset.ready is not None
    assert preset.ready.cards == preset.qualification.cards
    warm = [did("page_view", page="/pricing"), did("webinar_attended", webinar="w")]
    about = {"email": "ada@acme.example", "industry": "software", "employees": 500}
    lead = Lead("ada", about, warm)
    assert preset.decide(lead, as_of=NOW).status is Status.QUALIFIED
    assert preset.ready.decide(lead, as_of=NOW).status is Status.NOT_QUALIFIED
    replied = attrs.evolve(lead, activities=(*warm, did("email_reply")))
    assert preset.ready.decide(replied, as_of=NOW).status is Status.QUALIFIED
    cold = attrs.evolve(lead, activities=())
    assert preset.decide(cold, as_of=NOW).status is Status.NOT_QUALIFIED


def test_without_sal_whom_sales_accepts_is_sales_qualified() -> None:
    won = walk("without-sal", "qualified", "accepted", "opened", "won", days=1)
    assert [entry.stage for entry in won.entries] == [
        "lead",
        "mql",
        "sql",
        "opportunity",
        "customer",
    ]
    assert "sal" not in lifecycle("without-sal").by_name
    idle = walk("without-sal", "qualified", "accepted")
    ticked = lifecycle("without-sal").tick(idle, NOW + timedelta(days=30)).journey
    assert ticked.stage == "recycled"


@pytest.mark.parametrize("name", ["standard-lifecycle", "without-sal"])
def test_who_goes_back_rests_before_it_may_return(name: str) -> None:
    table, rest = lifecycle(name), 90
    back = walk(name, "qualified", "recycled")
    away = back.stage
    assert table.by_name[away].cool_down == timedelta(days=rest)
    soon = NOW + timedelta(days=rest) - timedelta(seconds=1)
    waiting = table.step(back, Event("qualified", soon)).journey
    assert waiting.stage == away
    assert table.tick(waiting, soon).journey.stage == away
    late = NOW + timedelta(days=rest)
    assert table.step(back, Event("qualified", late)).journey.stage == "mql"


def test_the_standard_lifecycle_is_the_one_that_is_shipped() -> None:
    assert lifecycle("standard-lifecycle") == standard(cool_down=timedelta(days=90))
    handoff = model("standard-lifecycle").handoff
    assert handoff is not None
    assert [rep.name for rep in handoff.routing.reps] == ["ada", "grace"]


# -- the nurture loop, day by day --------------------------------------------------------------

KEEN: dict[str, object] = {"email": "ada@acme.example", "industry": "software", "employees": 500}


class Days:
    """One lead in a funnel with the nurture loop; days are counted from its first."""

    def __init__(self, **about: object) -> None:
        self.funnel = Funnel(model("nurture-loop"), MemoryStore())
        self.stage = self.funnel.learn("ada", about or {"email": "ada@acme.example"}, now=NOW).stage

    def does(self, day: float, kind: str, **properties: object) -> str:
        at = NOW + timedelta(days=day)
        self.stage = self.funnel.record("ada", Activity(kind, at, properties), now=at).stage
        return self.stage

    def fires(self, day: float, trigger: str) -> str:
        self.stage = self.funnel.fire("ada", trigger, now=NOW + timedelta(days=day)).stage
        return self.stage

    def passes(self, day: float) -> str:
        """Where it is when that day has come and nothing more was heard."""
        now = NOW + timedelta(days=day)
        self.funnel.tick(now=now)
        return self.funnel.lead("ada", now=now).stage

    def given_back(self, day: float) -> str:
        """A lead that qualifies on that day, and is recycled the next."""
        assert self.does(day, "demo_request") == "mql"
        return self.fires(day + 1, "recycled")


def test_nurture_loop_who_visits_every_week_stays_a_lead() -> None:
    ada = Days()
    assert {ada.does(day, "page_view", page="/") for day in range(0, 400, 7)} == {"lead"}


def test_nurture_loop_who_is_silent_for_half_a_year_is_cold_until_it_does_something() -> None:
    ada = Days()
    assert ada.does(10, "page_view", page="/") == "lead"
    assert ada.passes(189.9) == "lead"
    assert ada.passes(190.1) == "cold"
    assert ada.passes(400) == "cold"
    assert ada.does(401, "page_view", page="/") == "lead"


def test_nurture_loop_who_is_cold_and_asks_is_an_mql_at_once() -> None:
    ada = Days()
    assert ada.passes(181) == "cold"
    assert ada.does(182, "demo_request") == "mql"


def test_nurture_loop_who_was_given_back_rests_for_60_days() -> None:
    ada = Days(**KEEN)
    assert ada.given_back(0) == "nurture"
    for day in (20, 40, 55):  # It is past the line all the time, and asks for nothing.
        assert ada.does(day, "webinar_attended", webinar="w") == "nurture"
        assert ada.does(day, "page_view", page="/pricing") == "nurture"
    assert ada.passes(60.9) == "nurture"
    assert ada.passes(61.1) == "mql"


@pytest.mark.parametrize(("asks", "out"), [(2, 15), (10, 15), (20, 20), (50, 50)])
def test_nurture_loop_who_was_given_back_and_asks_is_out_sooner(asks: int, out: int) -> None:
    """Two weeks after it was given back at the soonest, however little else is known of it."""
    ada = Days()
    assert ada.given_back(0) == "nurture"
    ada.does(asks, "demo_request")
    assert ada.passes(out - 0.01) == ("nurture" if asks < out else ada.stage)
    assert ada.passes(out + 0.01) == "mql"


def test_nurture_loop_what_was_asked_before_counts_no_more() -> None:
    ada = Days()
    assert ada.given_back(0) == "nurture"
    assert ada.passes(100) == "nurture"


def test_nurture_loop_three_times_and_then_dormant() -> None:
    ada = Days()
    stages = [ada.given_back(100 * number) for number in range(4)]
    assert stages == ["nurture", "nurture", "nurture", "dormant"]
    assert ada.fires(400, "reopened") == "lead"


def test_nurture_loop_an_mql_that_fades_is_a_lead_again_after_two_weeks() -> None:
    ada = Days()
    assert ada.does(0, "demo_request") == "mql"
    assert ada.passes(27.9) == "mql"
    assert ada.passes(28.1) == "lead"
