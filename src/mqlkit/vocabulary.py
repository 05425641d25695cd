"""
The words that shipped models use: kinds of activities, their properties, content, free e-mail.

An application may call its activities as it likes; one that uses these names can take the
presets and `mqlkit.KINDS_OF_MQL` as they are.

>>> ACTIVITY_KINDS["webinar_attended"].meaning
'took part in a webinar, live or recorded'
>>> content_for("symptom")
('blog post', 'checklist', 'infographic', 'quiz', 'social post')
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import attrs

from .criteria.choices import NamedList

# -- activities --------------------------------------------------------------------------------


@attrs.frozen
class ActivityKind:
    """
    A kind of activity.

    Args:
        name: What an `Activity` has as its kind.
        meaning: What the lead did, as the end of a sentence about them.
        properties: What such an activity usually carries; `PROPERTIES` says what each is.
    """

    name: str
    meaning: str
    properties: tuple[str, ...] = ()


PROPERTIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ad": "which advertisement",
        "amount": "money, in the currency of `currency`",
        "asset_id": "which piece of content, by the key of the system that holds it",
        "campaign": "which campaign brought it about",
        "category": "which product category",
        "content_type": "what form the content has: a name in `CONTENT_TYPES`",
        "currency": "three letters, such as EUR",
        "event": "which event, by its name",
        "feature": "which part of the product",
        "form": "which form",
        "link": "which link or button",
        "message_id": "which e-mail, by the key of the system that sent it",
        "minutes": "how long, in minutes",
        "network": "which social network",
        "order_id": "which order",
        "page": "which page, by its path, such as /pricing",
        "plan": "which plan or edition",
        "product": "which product",
        "purpose": "what it is about, in a word",
        "quantity": "how many, a whole number",
        "query": "what was looked for",
        "referrer": "from which site",
        "source": "who observed it, such as the name of an intent provider",
        "strength": "how strong the interest is, from 0 to 100",
        "topic": "which subject",
        "webinar": "which webinar, by its name",
    }
)


def _kinds(*rows: tuple[str, str, str]) -> Mapping[str, ActivityKind]:
    kinds = (ActivityKind(name, meaning, tuple(has.split())) for name, meaning, has in rows)
    return MappingProxyType({kind.name: kind for kind in kinds})


ACTIVITY_KINDS: Final = _kinds(
    # On the site. The pricing page is a page_view whose page is /pricing.
    ("page_view", "looked at a page", "page referrer campaign"),
    ("site_search", "searched the site", "query"),
    ("video_watched", "watched a video", "asset_id topic minutes"),
    ("form_submit", "filled in a form", "form page campaign"),
    ("chat_started", "began a conversation with a person or a bot", "page topic"),
    ("newsletter_signup", "signed up for the newsletter", "form campaign"),
    # Content.
    ("content_view", "read a piece of content", "asset_id content_type topic"),
    ("content_download", "downloaded a piece of content", "asset_id content_type topic"),
    # E-mail.
    ("email_open", "opened an e-mail", "message_id campaign"),
    ("email_click", "clicked a link in an e-mail", "message_id campaign link"),
    ("email_reply", "answered an e-mail", "message_id campaign"),
    ("email_bounce", "could not be reached by e-mail", "message_id"),
    ("email_complaint", "reported an e-mail as spam", "message_id"),
    ("unsubscribe", "no longer wants e-mail", "message_id campaign"),
    # Social networks and advertisements.
    ("social_click", "came over from a social network", "network link campaign"),
    ("social_follow", "follows us on a social network", "network"),
    ("social_like", "liked a post", "network asset_id"),
    ("social_share", "shared a post", "network asset_id"),
    ("social_comment", "commented on a post", "network asset_id"),
    ("social_message", "wrote to us on a social network", "network topic"),
    ("ad_click", "clicked an advertisement", "ad network campaign"),
    # Webinars and events.
    ("webinar_registered", "signed up for a webinar", "webinar topic"),
    ("webinar_attended", "took part in a webinar, live or recorded", "webinar topic minutes"),
    ("event_registered", "signed up for an event", "event"),
    ("event_attended", "came to an event", "event"),
    # Raising a hand.
    ("demo_request", "asked for a demonstration", "form product"),
    ("contact_request", "asked to be contacted", "form topic"),
    ("quote_request", "asked for an offer", "form product quantity"),
    ("call_taken", "spoke with us on the phone", "topic minutes"),
    ("meeting_booked", "agreed on a meeting", "purpose"),
    ("meeting_held", "met with us", "purpose minutes"),
    # The product.
    ("trial_started", "began a trial", "product plan"),
    ("product_used", "used the product", "feature minutes"),
    ("teammate_invited", "invited a colleague into the product", "product"),
    ("limit_reached", "came to the end of what the plan allows", "feature plan"),
    # The shop.
    ("product_view", "looked at a product", "product category amount currency"),
    ("cart_add", "put a product into the cart", "product category quantity amount currency"),
    ("cart_remove", "took a product out of the cart", "product quantity"),
    ("wishlist_add", "kept a product for later", "product category"),
    ("checkout_started", "began to pay", "amount currency"),
    ("order_completed", "bought something", "order_id amount currency"),
    ("order_returned", "sent something back", "order_id amount currency"),
    # Seen elsewhere; often about the account rather than the person.
    ("intent", "researched a topic outside our own pages", "source topic strength"),
    ("review_read", "read about us on a review site", "source product"),
    # What speaks against buying.
    ("careers_view", "looked for a job with us", "page"),
    ("support_request", "asked for help as a customer", "product topic"),
)
"""Every kind of activity that shipped models know, by name."""

SOCIAL: Final = (
    "social_click",
    "social_comment",
    "social_follow",
    "social_message",
    "social_share",
)
"""Engagement on social networks that takes more than a tap."""

# -- content by buying stage -------------------------------------------------------------------

BuyingStage: TypeAlias = Literal["symptom", "problem", "solution"]

BUYING_STAGES: Final[Mapping[BuyingStage, str]] = MappingProxyType(
    {
        "symptom": "notices that something is wrong, and has no name for it yet",
        "problem": "knows what is wrong, and looks at ways to mend it",
        "solution": "knows how to mend it, and compares who could do it",
    }
)
"""How much a buyer knows, from the beginning on."""


@attrs.frozen
class ContentType:
    """
    A form of content.

    Args:
        name: What an activity has as its ``content_type``.
        stage: What a reader of it is aware of.
    """

    name: str
    stage: BuyingStage


_CONTENT: Final[Mapping[BuyingStage, tuple[str, ...]]] = {
    "symptom": ("blog post", "checklist", "infographic", "quiz", "social post"),
    "problem": (
        "e-book",
        "guide",
        "podcast",
        "research report",
        "template",
        "webinar",
        "white paper",
    ),
    "solution": (
        "buyer's guide",
        "case study",
        "comparison",
        "data sheet",
        "demo video",
        "implementation guide",
        "pricing",
        "proposal guide",
        "ROI calculator",
        "security overview",
        "testimonial",
    ),
}

CONTENT_TYPES: Final[Mapping[str, ContentType]] = MappingProxyType(
    {name: ContentType(name, stage) for stage, names in _CONTENT.items() for name in names}
)
"""Every form of content that shipped models know, by name."""


def content_for(stage: BuyingStage) -> tuple[str, ...]:
    """
    The forms of content for one buying stage, to use as values of ``content_type``.

    >>> from mqlkit import activity
    >>> guides = activity("content_download", content_type=content_for("problem"))
    """
    return _CONTENT[stage]


# -- free e-mail -------------------------------------------------------------------------------

# INVARIANT: a list never changes once released, so that definitions that name it keep their
# meaning. A new edition has a new month in its name and stands beside the old ones.
_FREE_MAIL_2026_11: Final = """
    126.com 139.com 163.com 189.cn 21cn.com abv.bg aim.com alice.it aliyun.com aol.co.uk aol.com
    aol.de aol.fr arcor.de att.net bellsouth.net bigpond.com bigpond.net.au bk.ru bluewin.ch
    blueyonder.co.uk bol.com.br btinternet.com centrum.cz charter.net chello.nl comcast.net
    cox.net daum.net disroot.org duck.com earthlink.net eircom.net email.com email.cz email.it
    fastmail.com fastmail.fm fastmail.net fastwebnet.it foxmail.com free.fr freemail.hu
    freenet.de frontier.com frontiernet.net gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.fr
    gmx.net gmx.us go2.pl googlemail.com hanmail.net home.nl hotmail.be hotmail.ca hotmail.co.jp
    hotmail.co.uk hotmail.com hotmail.com.ar hotmail.com.br hotmail.de hotmail.es hotmail.fr
    hotmail.it hotmail.nl hotmail.se hushmail.com icloud.com ig.com.br inbox.com inbox.lv
    inbox.ru interia.eu interia.pl juno.com kolumbus.fi kpnmail.nl laposte.net libero.it list.ru
    live.be live.ca live.cn live.co.uk live.com live.com.au live.com.mx live.de live.dk live.fr
    live.it live.nl live.no live.se luukku.com mac.com mail.bg mail.com mail.de mail.ee mail.ru
    mailbox.org mailfence.com mailo.com me.com msn.com mweb.co.za nate.com naver.com
    neostrada.pl netscape.net netzero.net neuf.fr ntlworld.com o2.co.uk o2.pl onet.eu onet.pl
    online.de online.no op.pl optonline.net optusnet.com.au orange.fr outlook.be outlook.co.id
    outlook.com outlook.com.au outlook.com.br outlook.de outlook.dk outlook.es outlook.fr
    outlook.it outlook.jp outlook.pt planet.nl pm.me poczta.onet.pl post.cz posteo.de posteo.net
    proton.me protonmail.ch protonmail.com qq.com quicknet.nl rambler.ru rediffmail.com
    riseup.net roadrunner.com rocketmail.com rogers.com runbox.com sapo.pt sbcglobal.net
    seznam.cz sfr.fr shaw.ca sina.cn sina.com sky.com skynet.be sohu.com startmail.com
    sympatico.ca t-online.de talktalk.net tele2.nl telefonica.net telenet.be telus.net
    terra.com.br terra.es tin.it tiscali.co.uk tiscali.it tlen.pl tom.com tuta.com tuta.io
    tutamail.com tutanota.com tutanota.de ukr.net uol.com.br usa.net verizon.net vip.163.com
    vip.qq.com virgilio.it virginmedia.com voila.fr vp.pl walla.co.il wanadoo.es wanadoo.fr
    web.de windowslive.com windstream.net wp.pl xs4all.nl xtra.co.nz ya.ru yahoo.ca yahoo.co.id
    yahoo.co.in yahoo.co.jp yahoo.co.kr yahoo.co.nz yahoo.co.uk yahoo.com yahoo.com.ar
    yahoo.com.au yahoo.com.br yahoo.com.cn yahoo.com.hk yahoo.com.mx yahoo.com.ph yahoo.com.sg
    yahoo.com.tr yahoo.com.tw yahoo.com.vn yahoo.de yahoo.dk yahoo.es yahoo.fr yahoo.gr yahoo.ie
    yahoo.in yahoo.it yahoo.no yahoo.pl yahoo.ro yahoo.se yandex.by yandex.com yandex.kz
    yandex.ru yandex.ua yeah.net ymail.com ziggo.nl zipmail.com.br zoho.com zohomail.com
    zonnet.nl
"""

FREE_MAIL: Final = NamedList("free_mail_2026_11", _FREE_MAIL_2026_11.split())
"""
Domains at which anybody gets an e-mail address, for nothing or with a line at home.

An address there says nothing about an employer. To count such leads out or down, ask
``attribute("email").domain_is(FREE_MAIL)``, in a model file
``{ attribute = "email", domain_is = { list = "free_mail_2026_11" } }``.

>>> from mqlkit import attribute
>>> private = attribute("email").domain_is(FREE_MAIL)
>>> private.describe()
'the e-mail domain of email is the list “free_mail_2026_11”'
"""

SHIPPED_LISTS: Final[Mapping[str, NamedList]] = MappingProxyType({FREE_MAIL.name: FREE_MAIL})
"""Named lists that a model file may refer to without writing them out."""
