"""
What a careful developer writes by hand for the model of `bulk_model.py`: for DuckDB and for Polars.

Both are made for this one model and these files: they know which fields may be blank, that no text
has any letter but plain ones, that no key has white space around it, and what each kind of activity
is asked for. The query for DuckDB is there once more for any files: it reads keys, blanks, numbers
and letters as mqlkit means them, and knows nothing of the data. All give the same columns as
mqlkit. Each counts one id once in two ways, of which the better is the one to beat.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from bulk_data import AS_OF, Folder
from bulk_model import DECIDES, ENGAGED, FREE_MAIL, LEARNS, REGIONS, RIVALS, SECTORS

Way: TypeAlias = Literal["unique", "sorted", "repeated"]
"""How one id counts once: not at all, by sorting all, or by finding the repeated ones first."""

NOW: Final = int(AS_OF.timestamp()) * 1_000_000
DAY: Final = 86_400_000_000
UNMET_SCORE: Final = "unmet: the score is at least 80"
UNMET_ENGAGED: Final = (
    "unmet: at least 3 basket, call, demo, guide_read, post_liked, question or webcast "
    "in the last 28 days"
)


def halving(millis: int, days: int) -> list[int]:
    """What is left by whole days, up to nothing."""
    left = [round(millis * 0.5 ** (day / days)) for day in range(days * 16)]
    return left[: left.index(0) + 1]


def even(millis: int, days: int) -> list[int]:
    return [round(millis * (days - day) / days) for day in range(days + 1)]


DEMO, MAIL, WEBCAST = halving(30_000, 14), halving(4_000, 21), even(8_000, 60)

# -- DuckDB ------------------------------------------------------------------------------------

SPACES: Final = "".join(
    map(chr, [*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028,
              0x2029, 0x202F, 0x205F, 0x3000])
)  # fmt: skip
"""What is cut around a key."""

ORDER: Final = 'activities."at", activities.kind, activities.page, activities.value'
COLUMNS: Final = 'lead_id, kind, epoch_us("at") AS us, {page} AS page, value'


def lowered(text: str, *, knows: bool) -> str:
    """
    A text by which letters are compared.

    Args:
        text: An expression.
        knows: Whether it is known that it has plain letters only.
    """
    if knows:
        return f"lower({text})"
    return f"lower(replace(replace({text}, '\u212a', '\ufffd'), '\u0130', '\ufffd'))"


def key(name: str) -> str:
    """A key without white space around it; the first case is the quick one."""
    plain = f"{name} >= '!' AND {name} < '~' AND {name}[-1] BETWEEN '!' AND '~'"
    return (
        f"CASE WHEN {plain} AND NOT contains({name}, chr(0)) THEN {name} "
        f"WHEN NOT contains({name}, chr(0)) THEN nullif(trim({name}, '{SPACES}'), '') END AS {name}"
    )


def filled(name: str) -> str:
    """A text that is not blank."""
    return (
        f"CASE WHEN contains({name}, chr(0)) THEN NULL WHEN {name} >= '!' AND {name} < '~' "
        f"THEN {name} WHEN trim({name}, '{SPACES}') <> '' THEN {name} END AS {name}"
    )


def number(name: str) -> str:
    """A number that is one."""
    return f"CASE WHEN NOT isnan({name}) THEN {name} END AS {name}"


def any_leads(source: str) -> str:
    """Leads of which nothing is known."""
    texts = ", ".join(map(filled, ("firm_domain", "sector", "role", "region", "email")))
    numbers = ", ".join(map(number, ("turnover", "fit_index")))
    return f"(SELECT {key('id')}, {texts}, staff, {numbers} FROM {source}) AS leads"


def any_activities(source: str) -> str:
    """Activities of which nothing is known."""
    keys = ", ".join(map(key, ("id", "lead_id", "kind")))
    return f'(SELECT {keys}, "at", {filled("page")}, {number("value")} FROM {source}) AS activities'


ONCE: Final[dict[Way, str]] = {
    "unique": "acts AS NOT MATERIALIZED (SELECT {columns} FROM {activities})",
    "sorted": """acts AS (
  SELECT {columns} FROM {activities}
  QUALIFY id IS NULL
    OR row_number() OVER (PARTITION BY lead_id, id ORDER BY {order}) = 1
)""",
    "repeated": """repeated AS MATERIALIZED (
  SELECT same FROM (SELECT hash(lead_id, id) AS same FROM {activities} WHERE id IS NOT NULL)
  GROUP BY same HAVING count(*) > 1
), again AS MATERIALIZED (
  SELECT {columns} FROM {activities} SEMI JOIN repeated ON same = hash(lead_id, id)
  WHERE id IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY lead_id, id ORDER BY {order}) = 1
), acts AS NOT MATERIALIZED (
  SELECT {columns} FROM {activities} ANTI JOIN repeated
    ON same = CASE WHEN id IS NOT NULL THEN hash(lead_id, id) END
  UNION ALL
  SELECT * FROM again
)""",
}

SQL: Final = """
WITH {once}, per_lead AS (
  SELECT lead_id
    , count(*) FILTER (kind = 'page_view' AND page = '/pricing' AND us > {d28}) AS pricing
    , count(*) FILTER (kind = 'page_view' AND page IS NULL AND us > {d28}) AS pricing_open
    , max(us) FILTER (kind = 'demo') AS demo
    , max(us, 10) FILTER (kind = 'mail_opened') AS mails
    , max(us, 2) FILTER (kind = 'webcast') AS webcasts
    , sum(value) FILTER (kind = 'basket' AND us > {d28}) AS basket
    , count(*) FILTER (kind = 'basket' AND us > {d28} AND value IS NULL) AS basket_open
    , list_unique(list(page)
        FILTER (kind = 'guide_read' AND us > {d84} AND page IS NOT NULL)) AS guides
    , count(*) FILTER (kind = 'guide_read' AND us > {d84} AND page IS NULL) AS guides_open
    , max(us) FILTER (kind IN ({engaged})) AS engaged_last
    , count(*) FILTER (kind IN ({engaged}) AND us > {d28}) AS engaged
    , max(us) FILTER (kind = 'opted_out') AS opted_out
    , max(us) FILTER (kind = 'trial') AS trial
    , count(*) FILTER (kind = 'question' AND us > {d84}) AS questions
    , count(*) FILTER (kind = 'post_liked' AND us > {d56}) AS posts
    , count(*) FILTER (kind = 'call' AND us > {d30}) AS calls
    , list_sort(list(us * 2 + (kind = 'mail_opened')::BIGINT)
        FILTER (kind IN ('mail_opened', 'demo'))) AS turns
  FROM acts
  WHERE us <= {now}
  GROUP BY lead_id
), answers AS (
  SELECT id AS lead_id
    , {sector} IN ({sectors}) AS sector
    , staff >= 40 AS staff
    , contains({role}, 'buyer') OR contains({role}, 'head of')
      OR contains({role}, 'owner') OR contains({role}, 'partner') AS decides
    , contains({role}, 'intern') OR contains({role}, 'trainee') AS learns
    , {region} IN ({regions}) AS region
    , turnover >= 20e6 AS turnover
    , {email} IN ({free_mail}) AS free_mail
    , fit_index >= 65 AS fit_index
    , {firm_domain} IN ({rivals}) AS rival
    , coalesce(opted_out > {d7}, FALSE) AS left_lately
    , coalesce(engaged, 0) AS engaged
    , coalesce(CASE WHEN coalesce(basket_open, 0) = 0 THEN coalesce(basket, 0) >= 400 END) AS basket
    , CASE WHEN coalesce(guides, 0) >= 3 THEN TRUE
           WHEN coalesce(guides, 0) + coalesce(guides_open, 0) < 3 THEN FALSE END AS guides
    , least(coalesce(pricing, 0), 3) * 6000 AS pricing
    , least(coalesce(pricing, 0) + coalesce(pricing_open, 0), 3) * 6000 AS pricing_high
    , coalesce(({demos})[least(({now} - demo) // {day}, {last_demo}) + 1], 0)
      + coalesce(list_sum(list_transform(mails,
          lambda us: ({mails})[least(({now} - us) // {day}, {last_mail}) + 1]))::BIGINT, 0)
      + coalesce(list_sum(list_transform(webcasts,
          lambda us: ({webcasts})[least(({now} - us) // {day}, {last_webcast}) + 1]))::BIGINT, 0)
      + CASE WHEN engaged_last >= {now} - 12 * {day} THEN 10000 ELSE 0 END
      + CASE WHEN len(list_filter(turns, lambda turn, n: n > 1 AND turn % 2 = 0
          AND turns[n - 1] % 2 = 1 AND turn - turns[n - 1] < 6 * {day} - 1)) > 0
        THEN 12000 ELSE 0 END
      + CASE WHEN opted_out IS NOT NULL THEN -10000 ELSE 0 END
      + CASE WHEN trial > {d28} THEN 28000 ELSE 0 END
      + least(coalesce(questions, 0), 3) * 7000
      + least(coalesce(posts, 0), 4) * 3000
      + CASE WHEN calls >= 2 THEN 11000 ELSE 0 END AS sure
  FROM {leads} LEFT JOIN per_lead ON per_lead.lead_id = leads.id
), scored AS (
  SELECT *
    , least(
        CASE WHEN sector THEN 12000 ELSE 0 END + CASE WHEN staff THEN 8000 ELSE 0 END
        + CASE WHEN decides THEN 14000 ELSE 0 END + CASE WHEN region THEN 6000 ELSE 0 END
        + CASE WHEN turnover THEN 9000 ELSE 0 END + CASE WHEN fit_index THEN 16000 ELSE 0 END
        + CASE WHEN learns = FALSE THEN 0 ELSE -18000 END
        + CASE WHEN free_mail = FALSE THEN 0 ELSE -12000 END, 50000)::BIGINT AS fit_low
    , least(
        CASE WHEN sector THEN 12000 ELSE 0 END + CASE WHEN staff THEN 8000 ELSE 0 END
        + CASE WHEN decides THEN 14000 ELSE 0 END + CASE WHEN region THEN 6000 ELSE 0 END
        + CASE WHEN turnover THEN 9000 ELSE 0 END + CASE WHEN fit_index THEN 16000 ELSE 0 END
        + CASE WHEN learns THEN -18000 ELSE 0 END
        + CASE WHEN free_mail THEN -12000 ELSE 0 END, 50000)::BIGINT AS fit
    , least(
        CASE WHEN sector = FALSE THEN 0 ELSE 12000 END
        + CASE WHEN staff = FALSE THEN 0 ELSE 8000 END
        + CASE WHEN decides = FALSE THEN 0 ELSE 14000 END
        + CASE WHEN region = FALSE THEN 0 ELSE 6000 END
        + CASE WHEN turnover = FALSE THEN 0 ELSE 9000 END
        + CASE WHEN fit_index = FALSE THEN 0 ELSE 16000 END
        + CASE WHEN learns THEN -18000 ELSE 0 END
        + CASE WHEN free_mail THEN -12000 ELSE 0 END, 50000)::BIGINT AS fit_high
    , least(sure + pricing + CASE WHEN basket THEN 15000 ELSE 0 END
        + CASE WHEN guides THEN 9000 ELSE 0 END, 90000)::BIGINT AS interest
    , least(sure + pricing_high + CASE WHEN basket = FALSE THEN 0 ELSE 15000 END
        + CASE WHEN guides = FALSE THEN 0 ELSE 9000 END, 90000)::BIGINT AS interest_high
  FROM answers
), decided AS (
  SELECT *
    , rival OR left_lately AS never
    , CASE WHEN fit_low + interest >= 80000 THEN TRUE
           WHEN fit_high + interest_high < 80000 THEN FALSE END AS enough
    , enough AND engaged >= 3 AS wanted
    , CASE WHEN never THEN 'disqualified' WHEN NOT wanted THEN 'not qualified'
           WHEN never IS NULL OR wanted IS NULL THEN 'needs data' ELSE 'qualified' END AS decision
  FROM scored
)
SELECT lead_id
  , make_timestamptz({now}) AS as_of
  , decision
  , CASE decision
      WHEN 'disqualified' THEN concat_ws('; ', CASE WHEN rival THEN 'a rival' END,
                                               CASE WHEN left_lately THEN 'opted out' END)
      WHEN 'qualified' THEN 'buyers'
      WHEN 'not qualified' THEN concat_ws('; ', CASE WHEN NOT enough THEN '{unmet_score}' END,
                                                CASE WHEN engaged < 3 THEN '{unmet_engaged}' END)
      ELSE '' END AS reasons
  , (fit_low + interest)::DECIMAL(18, 0) * 0.001 AS score_low
  , (fit + interest)::DECIMAL(18, 0) * 0.001 AS score
  , (fit_high + interest_high)::DECIMAL(18, 0) * 0.001 AS score_high
  , fit_low::DECIMAL(18, 0) * 0.001 AS score_fit_low
  , fit::DECIMAL(18, 0) * 0.001 AS score_fit
  , fit_high::DECIMAL(18, 0) * 0.001 AS score_fit_high
  , interest::DECIMAL(18, 0) * 0.001 AS score_interest_low
  , interest::DECIMAL(18, 0) * 0.001 AS score_interest
  , interest_high::DECIMAL(18, 0) * 0.001 AS score_interest_high
  , CASE WHEN fit_low >= 40000 THEN 'A'
         WHEN fit_low >= 20000 THEN CASE WHEN fit_high >= 40000 THEN 'A or B' ELSE 'B' END
         WHEN fit_high >= 40000 THEN 'A, B or C'
         WHEN fit_high >= 20000 THEN 'B or C' ELSE 'C' END AS grade_fit
  , CASE WHEN interest >= 45000 THEN 'hot' ELSE '' END AS labels
  , 'buyers' AS name
  , '1' AS version
  , '{fingerprint}' AS fingerprint
FROM decided
"""


def texts(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def sql(data: Folder, way: Way, fingerprint: str, *, knows: bool = True) -> str:
    """
    The query.

    Args:
        data: What is read.
        way: How one id counts once.
        fingerprint: That of the model.
        knows: Whether it is made for these data, or for any.
    """
    leads, activities = f"read_parquet('{data.leads}')", f"read_parquet('{data.activities}')"
    leads = f"{leads} AS leads" if knows else any_leads(leads)
    activities = f"{activities} AS activities" if knows else any_activities(activities)
    compared = ("sector", "role", "region", "firm_domain")
    texts_of = {name: name if knows else lowered(name, knows=False) for name in compared}
    texts_of["role"] = lowered("role", knows=knows)
    texts_of["email"] = lowered("split_part(email, '@', 2)", knows=knows)
    columns = COLUMNS.format(page=lowered("activities.page", knows=knows))
    once = ONCE[way].format(columns=columns, activities=activities, order=ORDER)
    return SQL.format(
        once=once, leads=leads, now=NOW, day=DAY, **texts_of,
        **{f"d{days}": NOW - days * DAY for days in (7, 28, 30, 56, 84)},
        engaged=texts(ENGAGED), sectors=texts(SECTORS), regions=texts(REGIONS),
        free_mail=texts(FREE_MAIL), rivals=texts(RIVALS),
        demos=f"{DEMO}::BIGINT[]", mails=f"{MAIL}::BIGINT[]", webcasts=f"{WEBCAST}::BIGINT[]",
        last_demo=len(DEMO) - 1, last_mail=len(MAIL) - 1, last_webcast=len(WEBCAST) - 1,
        unmet_score=UNMET_SCORE, unmet_engaged=UNMET_ENGAGED, fingerprint=fingerprint,
    )  # fmt: skip


# -- Polars ------------------------------------------------------------------------------------


def frame(data: Folder, way: Way, fingerprint: str) -> Any:
    """A lazy frame of the answers."""
    import polars as pl

    leads = pl.scan_parquet(data.leads)
    done = once(pl, pl.scan_parquet(data.activities), way).filter(pl.col("at") <= AS_OF)
    joined = leads.rename({"id": "lead_id"})
    for part in found(pl, done):
        joined = joined.join(part, on="lead_id", how="left")
    return answers(pl, joined, fingerprint)


def once(pl: Any, rows: Any, way: Way) -> Any:
    """One id counts once."""
    columns = ["lead_id", "kind", "at", "page", "value"]
    order = ["at", "kind", "page", "value"]
    if way == "unique":
        return rows.select(columns)
    known, others = rows.filter(pl.col("id").is_not_null()), rows.filter(pl.col("id").is_null())

    def first(some: Any) -> Any:
        return some.sort(order, nulls_last=True).unique(
            ["lead_id", "id"], keep="first", maintain_order=True
        )

    if way == "sorted":
        return pl.concat([first(known).select(columns), others.select(columns)])
    same = known.with_columns(same=pl.struct("lead_id", "id").hash())
    repeated = same.group_by("same").len().filter(pl.col("len") > 1).select("same")
    return pl.concat([
        same.join(repeated, on="same", how="anti").select(columns),
        first(same.join(repeated, on="same", how="semi")).select(columns),
        others.select(columns),
    ])  # fmt: skip


def ago(days: int) -> datetime:
    return AS_OF - timedelta(days=days)


def found(pl: Any, done: Any) -> list[Any]:
    """What is found out about the activities of each lead."""
    kind, at, page, value = (pl.col(name) for name in ("kind", "at", "page", "value"))
    since = {days: at > ago(days) for days in (28, 30, 56, 84)}
    engaged = kind.is_in(list(ENGAGED))
    pricing, basket = (kind == "page_view") & since[28], (kind == "basket") & since[28]
    guide = (kind == "guide_read") & since[84]

    def newest(when: Any) -> Any:
        return pl.when(when).then(at).max()

    plain = done.group_by("lead_id").agg(
        pricing=(pricing & (page.str.to_lowercase() == "/pricing")).sum(),
        pricing_open=(pricing & page.is_null()).sum(),
        demo=newest(kind == "demo"),
        basket=pl.when(basket).then(value).sum(),
        basket_open=(basket & value.is_null()).sum(),
        guides_open=(guide & page.is_null()).sum(),
        engaged_last=newest(engaged),
        engaged=(engaged & since[28]).sum(),
        opted_out=newest(kind == "opted_out"),
        trial=newest(kind == "trial"),
        questions=((kind == "question") & since[84]).sum(),
        posts=((kind == "post_liked") & since[56]).sum(),
        calls=((kind == "call") & since[30]).sum(),
    )
    guides = (
        done.filter(guide & page.is_not_null())
        .group_by("lead_id")
        .agg(guides=page.str.to_lowercase().n_unique())
    )
    mails = done.filter(kind == "mail_opened")
    first = mails.select("lead_id", "at", mail=at).sort("at")
    turns = (
        done.filter(kind == "demo")
        .select("lead_id", "at")
        .sort("at")
        .join_asof(first, on="at", by="lead_id", strategy="backward", allow_exact_matches=False,
                   check_sortedness=False)
        .filter(at - pl.col("mail") < timedelta(days=3))
        .select("lead_id", sequence=pl.lit(True))
        .unique()
    )  # fmt: skip
    return [
        plain,
        guides,
        newest_few(pl, mails, 10, MAIL, "mails"),
        newest_few(pl, done.filter(kind == "webcast"), 2, WEBCAST, "webcasts"),
        turns,
    ]


def days(pl: Any, at: Any) -> Any:
    """Whole days since."""
    return (pl.lit(AS_OF) - at).dt.total_microseconds() // DAY


def left(pl: Any, at: Any, values: list[int]) -> Any:
    """What is left of the points of an activity."""
    table = pl.lit(pl.Series(values))
    return table.gather(days(pl, at).clip(0, len(values) - 1))


def newest_few(pl: Any, rows: Any, most: int, values: list[int], name: str) -> Any:
    """The newest few have the most left."""
    return (
        rows.select("lead_id", left=left(pl, pl.col("at"), values))
        .group_by("lead_id")
        .agg(pl.col("left").top_k(most).sum().alias(name))
    )


def answers(pl: Any, joined: Any, fingerprint: str) -> Any:
    """The columns that mqlkit gives, too."""
    c = pl.col
    role = c("role").str.to_lowercase()

    def when(answer: Any, millis: int, *, unknown: bool = False) -> Any:
        return pl.when(answer.fill_null(unknown)).then(millis).otherwise(0)

    def any_of(words: Sequence[str]) -> Any:
        return role.str.contains_any(list(words))

    def counted(name: str) -> Any:
        return c(name).fill_null(0).cast(pl.Int64)

    asked = joined.with_columns(
        sector=c("sector").is_in(list(SECTORS)),
        staff=c("staff") >= 40,
        decides=any_of(DECIDES),
        learns=any_of(LEARNS),
        region=c("region").is_in(list(REGIONS)),
        turnover=c("turnover") >= 20e6,
        free_mail=c("email").str.split("@").list.get(1).str.to_lowercase().is_in(list(FREE_MAIL)),
        fit_index=c("fit_index") >= 65,
        rival=c("firm_domain").is_in(list(RIVALS)),
        left_lately=(c("opted_out") > ago(7)).fill_null(False),
        engaged=counted("engaged"),
        basket=pl.when(counted("basket_open") == 0).then(c("basket").fill_null(0) >= 400),
        guides=pl.when(counted("guides") >= 3)
        .then(True)
        .when(counted("guides") + counted("guides_open") < 3)
        .then(False),
        pricing=counted("pricing").clip(0, 3) * 6000,
        pricing_high=(counted("pricing") + counted("pricing_open")).clip(0, 3) * 6000,
        sure=left(pl, c("demo"), DEMO).fill_null(0)
        + counted("mails")
        + counted("webcasts")
        + when(c("engaged_last") >= ago(12), 10000)
        + when(c("sequence"), 12000)
        + when(c("opted_out").is_not_null(), -10000)
        + when(c("trial") > ago(28), 28000)
        + counted("questions").clip(0, 3) * 7000
        + counted("posts").clip(0, 4) * 3000
        + when(counted("calls") >= 2, 11000),
    )
    giving = {"sector": 12000, "staff": 8000, "decides": 14000, "region": 6000,
              "turnover": 9000, "fit_index": 16000}  # fmt: skip
    taking = {"learns": -18000, "free_mail": -12000}

    def fit(*, give: bool, take: bool) -> Any:
        parts = [when(c(name), millis, unknown=give) for name, millis in giving.items()]
        parts += [when(c(name), millis, unknown=take) for name, millis in taking.items()]
        return pl.sum_horizontal(parts).clip(upper_bound=50000).cast(pl.Int64)

    def interest(pricing: str, *, unknown: bool) -> Any:
        given = c("sure") + c(pricing) + when(c("basket"), 15000, unknown=unknown)
        return (given + when(c("guides"), 9000, unknown=unknown)).clip(upper_bound=90000)

    scored = asked.with_columns(
        fit_low=fit(give=False, take=True),
        fit=fit(give=False, take=False),
        fit_high=fit(give=True, take=False),
        interest=interest("pricing", unknown=False),
        interest_high=interest("pricing_high", unknown=True),
        never=c("rival") | c("left_lately"),
    ).with_columns(
        enough=pl.when(c("fit_low") + c("interest") >= 80000)
        .then(True)
        .when(c("fit_high") + c("interest_high") < 80000)
        .then(False)
    )
    wanted = c("enough") & (c("engaged") >= 3)
    decided = scored.with_columns(
        decision=pl.when(c("never"))
        .then(pl.lit("disqualified"))
        .when(~wanted)
        .then(pl.lit("not qualified"))
        .when(c("never").is_null() | wanted.is_null())
        .then(pl.lit("needs data"))
        .otherwise(pl.lit("qualified"))
    )

    def told(*parts: tuple[Any, str]) -> Any:
        some = [pl.when(part).then(pl.lit(text)) for part, text in parts]
        return pl.concat_str(some, separator="; ", ignore_nulls=True)

    def points(name: str, other: str | None = None) -> Any:
        return (c(name) if other is None else c(name) + c(other)) / 1000

    return decided.select(
        "lead_id",
        pl.lit(AS_OF).alias("as_of"),
        "decision",
        pl.when(c("decision") == "disqualified")
        .then(told((c("rival"), "a rival"), (c("left_lately"), "opted out")))
        .when(c("decision") == "qualified")
        .then(pl.lit("buyers"))
        .when(c("decision") == "not qualified")
        .then(told((~c("enough"), UNMET_SCORE), (c("engaged") < 3, UNMET_ENGAGED)))
        .otherwise(pl.lit(""))
        .alias("reasons"),
        score_low=points("fit_low", "interest"),
        score=points("fit", "interest"),
        score_high=points("fit_high", "interest_high"),
        score_fit_low=points("fit_low"),
        score_fit=points("fit"),
        score_fit_high=points("fit_high"),
        score_interest_low=points("interest"),
        score_interest=points("interest"),
        score_interest_high=points("interest_high"),
        grade_fit=pl.when(c("fit_low") >= 40000)
        .then(pl.lit("A"))
        .when((c("fit_low") >= 20000) & (c("fit_high") >= 40000))
        .then(pl.lit("A or B"))
        .when(c("fit_low") >= 20000)
        .then(pl.lit("B"))
        .when(c("fit_high") >= 40000)
        .then(pl.lit("A, B or C"))
        .when(c("fit_high") >= 20000)
        .then(pl.lit("B or C"))
        .otherwise(pl.lit("C")),
        labels=pl.when(c("interest") >= 45000).then(pl.lit("hot")).otherwise(pl.lit("")),
        name=pl.lit("buyers"),
        version=pl.lit("1"),
        fingerprint=pl.lit(fingerprint),
    )
