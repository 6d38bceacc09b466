"""Normalized email addresses: the mailbox of an address, and the owner of a domain.

They are used only for counting and comparing. Mail is sent to the address as it was typed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from django.utils.encoding import punycode

from comments.text.hosts import registered_domain

MAX_DOMAIN_LENGTH = 253  # characters (RFC 1035); longer domains get no mail


class _Provider(NamedTuple):
    """Mail provider whose mailboxes have the same name in all domains.

    `written` maps characters of that name to others.
    """

    domains: tuple[str, ...]
    written: dict[str, str]


# As documented by the providers. Elsewhere a dot or a hyphen may belong to another person's name.
_PROVIDERS = [
    _Provider(("gmail.com", "googlemail.com"), {".": ""}),
    _Provider(("proton.me", "protonmail.com", "protonmail.ch", "pm.me"), {".": "", "-": "", "_": ""}),
    _Provider(("icloud.com", "me.com", "mac.com"), {}),
    _Provider(("yandex.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.ua", "yandex.com.tr", "ya.ru"), {".": "-"}),
]
_PROVIDER_OF = {domain: provider for provider in _PROVIDERS for domain in provider.domains}
_FASTMAIL = re.compile(r"([^.]+)\.(fastmail\.[a-z.]{2,6})")  # anything@NAME.fastmail.com is NAME@fastmail.com

# Providers with so many customers that dozens of them may be readers of one site on any day.
_LARGE_PROVIDERS = set(
    """
    gmail.com googlemail.com icloud.com me.com mac.com privaterelay.appleid.com msn.com ymail.com rocketmail.com aim.com
    proton.me protonmail.com protonmail.ch pm.me fastmail.com fastmail.fm tutanota.com tuta.com tutamail.com hey.com
    zoho.com zohomail.com mail.com email.com duck.com mozmail.com posteo.de posteo.net mailbox.org
    web.de t-online.de freenet.de arcor.de online.de vodafone.de 1und1.de kabelmail.de bluewin.ch hispeed.ch
    a1.net aon.at
    orange.fr wanadoo.fr free.fr sfr.fr neuf.fr laposte.net bbox.fr numericable.fr
    libero.it virgilio.it tiscali.it alice.it tin.it fastwebnet.it inwind.it iol.it telefonica.net ono.com terra.es
    sapo.pt telenet.be skynet.be proximus.be scarlet.be ziggo.nl kpnmail.nl planet.nl home.nl xs4all.nl
    upcmail.nl hetnet.nl
    btinternet.com btopenworld.com sky.com virginmedia.com talktalk.net ntlworld.com blueyonder.co.uk tiscali.co.uk
    plus.net plusnet.com eircom.net
    telia.com bredband.net comhem.se online.no broadpark.no mail.dk stofanet.dk kolumbus.fi elisanet.fi luukku.com
    wp.pl o2.pl onet.pl op.pl interia.pl poczta.fm gazeta.pl seznam.cz email.cz centrum.cz azet.sk
    freemail.hu citromail.hu
    abv.bg mail.bg mail.ru inbox.ru list.ru bk.ru internet.ru yandex.ru yandex.com yandex.by yandex.kz yandex.ua
    yandex.com.tr ya.ru rambler.ru ukr.net i.ua meta.ua
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net spectrum.net earthlink.net
    optonline.net juno.com frontier.com windstream.net shaw.ca rogers.com sympatico.ca bell.net videotron.ca telus.net
    bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au xtra.co.nz
    uol.com.br bol.com.br terra.com.br ig.com.br globo.com
    qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com 189.cn
    naver.com daum.net hanmail.net nate.com kakao.com docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp nifty.com
    rediffmail.com rediff.com walla.co.il walla.com mynet.com
    """.split()  # noqa: SIM905 (a table)
)
_INTERNATIONAL_PROVIDERS = {"outlook", "hotmail", "live", "yahoo", "gmx", "aol"}


def normalize_mailbox(address: str) -> str:
    """Return a normalized address that is equal for all addresses of a mailbox; it may not be deliverable.

    It ignores case, a tag after a plus sign, dots that the provider ignores, and which of its domains is used.
    """
    typed, _at, domain = address.strip().casefold().rpartition("@")
    domain, name = _to_ascii(domain), typed.partition("+")[0] or typed
    if part := _FASTMAIL.fullmatch(domain):
        name, domain = part[1], part[2]
    if provider := _PROVIDER_OF.get(domain):
        name = "".join(provider.written.get(sign, sign) for sign in name) or name
        domain = provider.domains[0]
    return f"{name}@{domain}"


def owned_domain(address: str) -> str:
    """Return the registered domain, whose owner can read all mail to it; empty for a provider with many customers.

    It is paper.example for x@news.paper.example, and paper.co.uk for x@paper.co.uk.
    """
    domain = _to_ascii(address.rpartition("@")[2].strip().casefold())
    owned = registered_domain(domain)
    is_large = (
        domain in _LARGE_PROVIDERS or owned in _LARGE_PROVIDERS or owned.partition(".")[0] in _INTERNATIONAL_PROVIDERS
    )
    return "" if is_large else owned


def _to_ascii(domain: str) -> str:
    if len(domain) > MAX_DOMAIN_LENGTH:
        return domain
    try:
        return punycode(domain.strip(".")).lower()
    except UnicodeError:
        return domain
