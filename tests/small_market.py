"""A model, a mapping and files of five leads, for tests of the command line."""

from typing import NamedTuple

MODEL = """
format = 1
name = "fit"
version = "1"
when = { score = "total", at_least = 30 }

[never]
"a [bold]rival[/bold]" = { attribute = "email", domain_is = ["rival.example"] }

[[card.groups]]
name = "fit"
[[card.groups.rules]]
name = "size"
when = { attribute = "employees", at_least = 50 }
points = 20.1
[[card.groups.rules]]
name = "visits"
each = { kinds = ["page_view"], within = { days = 30 } }
points = 10
at_most = 2
"""
MAPPING = """
format = 1
[leads]
id = "lead_id"
others = "keep"
[leads.columns]
employees = { kind = "number" }
"""
LEADS = """lead_id,email,employees
big,a@a.example,60
small,b@b.example,5
rival,c@rival.example,70
blank,d@d.example,
words,e@e.example,about 50
"""
ACTIVITIES = """id,lead_id,kind,at
e1,big,page_view,2026-02-20T00:00Z
e2,small,page_view,2026-02-20T00:00Z
e3,blank,page_view,2026-02-20T00:00Z
e4,words,page_view,2026-02-20T00:00Z
"""

DECIDE = ("decide", "model.toml", "--as-of", "2026-03-01T00:00Z", "--known-at", "2026-03-01T00:00Z")


class Result(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str
