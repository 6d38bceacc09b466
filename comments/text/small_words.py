"""Ordinary words that look like obfuscations of other words."""

from __future__ import annotations

# Words that become another word when an "l" is written as "i", as in "waiter".
WORDS_WITH_L = frozenset(["balts", "helden", "malden", "plano", "walter", "welden"])

# Frequent short words of eight languages. One of them may look like half of a longer word: "the rapist".
SMALL_WORDS = frozenset(
    """
    aan ab about after al ale all als am ama an and any are as at au auf aus aux be been bei ben bin bir bis biz bo
    bu but by can cant ce ces co con cosa czy da daar dan das dat de dei del della dem den der des di did die dit
    dla do does du een ein el ella elle en er es est esta et for fra from für ge get gibi gli go ha haar had has hat
    have he her het hij him his ho hoe how ich if ihr ik il ile ils im in into is ise ist it its ja jak je jest just
    już ki ku la las le les leur lo los ma maar mais man may me men met mi mit mon mu muy my na naar nach nad ne ni
    nicht nie niet no nog nor not nous nun ob od of off om on one ons onze op or ou our out over own par para pas
    per pero po pod por pour pro przez que qui se sei she si sie sin siz się so son sono su sub sur sé ta tak te
    than that the them then they this ti to toi too tot tra tu ty uit um un una und under une uno uns up us van var
    ve vom von voor vor vous war was wat we wel wer were what who wie will wir with ya yo yok you your za zij zijn
    zo zu zum zur çok şu że
    """.split()  # noqa: SIM905 (a list of 240 lines reads worse)
)
