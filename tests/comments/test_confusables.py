from hypothesis import given
from hypothesis import strategies as st
import pytest

from comments.text.confusables import cached_skeletons, confusable_key, confusable_keys, confusable_skeletons


def looks_like_any(name, others):
    return any(not confusable_skeletons(name).isdisjoint(cached_skeletons(other)) for other in others)


LOOK_ALIKES = [
    ("Editor", "editor"),
    ("Editor", "EDITOR"),
    ("Editor", "Еditor"),  # a Cyrillic first letter
    ("Editor", "Ed\u200bitor"),
    ("Editor", "Ed\u00aditor"),
    ("Editor", "Ｅｄｉｔｏｒ"),
    ("Editor", "Edit0r"),
    ("Editor", "E d i t o r"),
    ("Editor", "Éditor"),
    ("Editor", "𝕰𝖉𝖎𝖙𝖔𝖗"),
    ("Editor", "🅴🅳🅸🆃🅾🆁"),
    ("Editor", "🅔🅓🅘🅣🅞🅡"),
    ("Editor", "🇪🇩🇮🇹🇴🇷"),
    ("Editor", "Editor\u3164"),
    ("Editor", "Edi\u115ftor"),
    ("Editor", "\uffa0Editor\u2800"),
    ("Admin", "Adm1n"),
    ("Admin", "Аdmіn"),
    ("Admin", "Adrnin"),
    ("Moderator", "Мoderatоr."),
    ("Мария", "мария"),
    ("Nina", "Νina"),  # a Greek capital
    ("David", "Daνid"),  # a Greek small letter
    ("Mike", "MlKE"),
    ("Ines", "|nes"),
    ("newsite", "NEW-SITE"[:3] + "site"),
    ("Straße", "STRASSE"),
    ("Ωmega", "Ωmega"),
]
WITH_SIGNS_OR_DRAWN = [
    *["Editor·", "Editor •", "— Editor —", "Ed·itor", "Editor‖", "Editorˇ", "Editorˍ", "Editorː", "Editor\ua788"],
    *[
        "Editor™",
        "Editor℠",
        "Editor®",
        "Editor★",
        "ᴇᴅɪᴛᴏʀ",
        "Eđitor",
        "Editør",
        "Ediŧor",
        "Ed·it0r",
        "ⓔⓓⓘⓣⓞⓡ",
        "⒠⒟⒤⒯⒪⒭",
    ],
]


@pytest.mark.parametrize(("name", "other"), LOOK_ALIKES)
def test_the_key_of_a_name_is_among_those_of_each_that_looks_like_it(name, other):
    assert confusable_key(name) in confusable_keys(other)
    assert confusable_key("Somebody") not in confusable_keys(other)


@pytest.mark.parametrize(("name", "other"), LOOK_ALIKES)
def test_names_look_alike_both_ways(name, other):
    assert looks_like_any(other, ["Somebody", name])
    assert looks_like_any(name, [other])


@pytest.mark.parametrize(("name", "other"), LOOK_ALIKES[:12])
def test_most_of_them_have_one_key(name, other):
    assert confusable_key(name) == confusable_key(other)


@pytest.mark.parametrize("name", WITH_SIGNS_OR_DRAWN)
def test_neither_signs_nor_how_letters_are_drawn_tell_names_apart(name):
    assert looks_like_any(name, ["Editor"])
    assert confusable_key(name) == confusable_key("Editor")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("AdminⓇ", "Admin"),
        ("Editor|", "Editor"),
        ("Ed∣tor", "Editor"),
        ("‖|nes‖", "Ines"),
        ("The—Editors", "The editors"),
    ],
)
def test_a_sign_may_stand_for_a_letter_or_for_nothing(name, other):
    assert looks_like_any(name, [other])


@pytest.mark.parametrize(
    ("name", "other"),
    [("Ada", "Ida"), ("Editor", "Editors"), ("Editor", "Ed"), ("田中", "田口"), ("Omar", "عمر"), ("佐々木", "佐木")],
)
def test_other_names_do_not(name, other):
    assert not looks_like_any(name, [other])
    assert confusable_key(name) != confusable_key(other)


@pytest.mark.parametrize("name", ["🙂", "...", "\u200b", "- _ -"])
def test_a_name_without_letters_looks_like_nothing(name):
    assert confusable_key(name) == ""
    assert not looks_like_any(name, ["!!!", "🙂", ""])


@given(st.text(max_size=60))
def test_any_name_can_be_compared_whatever_its_case(name):
    assert looks_like_any(name.casefold(), [name]) == bool(confusable_skeletons(name))
    assert len(confusable_key(name)) in (0, 32)


def test_whoever_makes_up_names_fills_no_memory():
    """Limit memory: a name of sixty characters with eighteen replacements each takes two kilobytes."""
    cached_skeletons.cache_clear()
    for number in range(100):
        name = "\ufdfa" * 50 + str(number)
        assert not looks_like_any(name, ["Editor", "Moderator"])
        assert confusable_keys(name)
    assert cached_skeletons.cache_info().currsize == 2
    assert confusable_key.cache_info().maxsize <= 2_000
