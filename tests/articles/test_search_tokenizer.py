import pytest

from articles.search.tokenizer import fold, tokenize


@pytest.mark.parametrize(
    ("word", "normalized"),
    [
        ("Bridge", "bridge"),
        ("Ágnes", "agnes"),
        ("A\u0301gnes", "agnes"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("İstanbul", "istanbul"),
        ("ё", "е"),
        ("й", "й"),
        ("كِتَاب", "كتاب"),
        ("ＡＢＣ", "abc"),
        ("\u0301", ""),
    ],
)
def test_capitals_and_accents_do_not_count(word, normalized):
    assert fold(word) == normalized


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Chandlers’ Bridge, at 3.1 m", ["chandlers", "bridge", "at", "3", "1", "m"]),
        ("東京 Tower", ["東", "京", "tower"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("' OR 1=1-- %_ :*", ["or", "1", "1"]),
        ("", []),
    ],
)
def test_a_text_is_its_words(text, words):
    assert [word.normalized for word in tokenize(text)] == words


def test_each_word_stands_where_it_says():
    text = "… Ágnes & Ada"
    assert [text[word.start : word.end] for word in tokenize(text)] == ["Ágnes", "Ada"]
