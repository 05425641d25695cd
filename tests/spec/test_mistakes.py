# ruff: noqa: E501
"""What a model file's errors say, word for word; and how strict its reader is."""

import pickle

import pytest

from mqlkit import loads
from mqlkit.errors import Fault, ModelFileError

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
        "  unknown, line 5: found an unknown key; a qualification has none such; did you mean 'unknowns'?",
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
