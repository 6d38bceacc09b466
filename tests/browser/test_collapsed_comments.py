"""Long comments are collapsed to one or two screens until the reader expands them."""

from playwright.sync_api import expect
import pytest

from tests.browser.test_accessibility import violations

SIZES = {"telephone": ({"width": 360, "height": 740}, 1_300), "desktop": ({"width": 1280, "height": 900}, 700)}
TALL = {
    "lines of one letter": "'a\\n' * 2_400 + 'the end'",
    "empty lines": "'one' + ' \\u200b\\n\\u3164\\n\\u2800 \\n\\u0301\\n' * 400 + 'the end'",
    "paragraphs": "'a\\n\\n' * 1_600 + 'the end'",
    "one word": "'a' * 4_900 + ' the end'",
    "marks": "('Z' + '\\u0300\\u0323' * 20) * 100 + ' the end'",
    "wide ligatures": "'\\ufdfd' * 4_900 + ' the end'",
    "tone marks": "('\u0e01' + '\u0e49' * 8 + ' ') * 500 + 'the end'",
    "vowels on a letter of another script": "('a' + '\u17b7' * 8) * 500 + ' the end'",
    "one such vowel": "('a' + '\u17b7') * 2_000 + ' the end'",
    "capitals": "('W' * 69 + ' ') * 24 + 'the end'",
    "words of m": "('m' * 69 + ' ') * 24 + 'the end'",
    "long dashes": "'\u2e3b' * 1_600 + ' the end'",
    "signs of Arabic": "'\u0600' * 4_900 + ' the end'",
    "Chinese": "'汉字漢語新闻' * 800 + ' the end'",
    "sentences": "'The harbour was full of boats. ' * 150 + 'The end'",
}


@pytest.mark.parametrize("javascript", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_a_tall_comment_is_folded_and_opens_by_keyboard(open_page, say, quiet_article, size, javascript):
    viewport, most = SIZES[size]
    texts = ", ".join(TALL.values())
    say(f"from comments.text.clean import clean_text\nfor text in [{texts}]: say(clean_text(text))\n")
    page = open_page(quiet_article, java_script_enabled=javascript, viewport=viewport)
    comments = page.locator(".comment")
    expect(comments).to_have_count(len(TALL))
    heights = [round(comments.nth(place).bounding_box()["height"]) for place in range(len(TALL))]
    assert max(heights) <= most, str(heights)
    folded = page.locator(".rest > summary")
    assert folded.count() >= len(TALL) - 2
    summary = folded.last
    expect(summary).to_have_text("Read the whole commentShow less")
    summary.focus()
    page.keyboard.press("Enter")
    expect(summary.get_by_text("Show less")).to_be_visible()
    expect(summary.get_by_text("Read the whole comment")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(summary.get_by_text("Read the whole comment")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert page.console_errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_folded_comment_is_accessible(open_page, say, quiet_article, scheme):
    say(f"for text in [{TALL['sentences']}, {TALL['lines of one letter']}]: say(text)\n")
    page = open_page(quiet_article, color_scheme=scheme, viewport=SIZES["telephone"][0])
    assert violations(page) == []
    page.locator(".rest > summary").first.click()
    assert violations(page) == []
