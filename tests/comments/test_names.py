from hypothesis import given
from hypothesis import strategies as st
import pytest

from comments.names import key, looks_like_any, skeletons

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


@pytest.mark.parametrize(("name", "other"), LOOK_ALIKES)
def test_names_look_alike_both_ways(name, other):
    assert looks_like_any(other, ["Somebody", name])
    assert looks_like_any(name, [other])


@pytest.mark.parametrize(("name", "other"), LOOK_ALIKES[:12])
def test_most_of_them_have_one_key(name, other):
    assert key(name) == key(other)


@pytest.mark.parametrize(
    ("name", "other"), [("Ada", "Ida"), ("Editor", "Editors"), ("Editor", "Ed"), ("田中", "田口"), ("Omar", "عمر")]
)
def test_other_names_do_not(name, other):
    assert not looks_like_any(name, [other])
    assert key(name) != key(other)


@pytest.mark.parametrize("name", ["🙂", "...", "\u200b", "- _ -"])
def test_a_name_without_letters_looks_like_nothing(name):
    assert key(name) == ""
    assert not looks_like_any(name, ["!!!", "🙂", ""])


@given(st.text(max_size=60))
def test_any_name_can_be_compared_whatever_its_case(name):
    assert looks_like_any(name.casefold(), [name]) == bool(skeletons(name))
    assert len(key(name)) in (0, 32)
