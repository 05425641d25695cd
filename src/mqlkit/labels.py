"""
The kinds of marketing-qualified lead that the field tells apart, each with its next play.

Primers of the field sort qualified leads by where they engage (on social networks, by e-mail),
by how far they have come ("level 4") and by what they know of their own need (its symptoms, the
problem, the solution). Give a `Qualification` all of them or some:
``Qualification(..., labels=KINDS_OF_MQL)``. They stand on `mqlkit.vocabulary`.

By awareness a lead is of one kind only: the furthest that its reading shows.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .criteria.activity import Activities, activity
from .criterion import any_of
from .definition import Label
from .vocabulary import SOCIAL, BuyingStage, content_for


def _read(stage: BuyingStage) -> Activities:
    """What was read or downloaded lately of the content for one buying stage."""
    consumed = activity("content_view", "content_download", content_type=content_for(stage))
    return consumed.within(days=90)


KINDS_OF_MQL: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "social MQL": Label(
            activity(*SOCIAL).within(days=30).count() >= 2,
            "answer where they speak, and invite them to something that asks for an address",
        ),
        "e-mail MQL": Label(
            (activity("email_click").within(days=30).count() >= 2)
            | activity("email_reply").within(days=30).happened(),
            "send the next message about what they clicked, from a person they can answer",
        ),
        # Engagement in four levels: has heard of us, reads, comes back, and at the fourth acts
        # like a buyer: sees the price again and again, tries, or raises a hand.
        "level 4 MQL": Label(
            any_of(
                activity("page_view", page="/pricing").within(days=30).count() >= 2,
                activity("trial_started").within(days=30).happened(),
                activity("demo_request", "quote_request", "meeting_booked")
                .within(days=30)
                .happened(),
            ),
            "have sales call within the day",
        ),
        "symptom-aware MQL": Label(
            _read("symptom").happened() & _read("problem").did_not() & _read("solution").did_not(),
            "give the problem its name: send a guide or invite to a webinar",
        ),
        "problem-aware MQL": Label(
            _read("problem").happened() & _read("solution").did_not(),
            "show how others solved it: send a comparison or a case study",
        ),
        "solution-aware MQL": Label(
            _read("solution").happened(),
            "help them choose: offer a demonstration or the ROI calculator",
        ),
    }
)
"""The six kinds of MQL, by name; each a criterion and what to do next."""
