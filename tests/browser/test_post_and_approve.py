"""End-to-end test in a browser: an editor publishes, a reader comments, a moderator approves."""

from pathlib import Path

from playwright.sync_api import expect
import pytest

SEED = Path(__file__).resolve().parents[3] / "shared" / "seed"

OF_THE_SAME_SHAPE = [
    "Harbour council and ferry line talk about the night boat as winter gales close the outer basin",
    *(
        f"Paragraph {number} of a report about the night boat. “It has been out of service,” the council said, "
        f"“for {number} days,” and nobody at Skerrow – or on the quay – knew when it would sail again."
        for number in range(1, 10)
    ),
]


def source_article():
    """The headline and the nine paragraphs of the page that the site is modelled on, where that is at hand."""
    for file in sorted(SEED.glob("*.txt")):
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        return lines[0], lines[1:10]
    return OF_THE_SAME_SHAPE[0], OF_THE_SAME_SHAPE[1:]


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_reader_comments_and_an_editor_approves(staff_page, open_page, javascript):
    headline, paragraphs = source_article()
    assert len(paragraphs) == 9
    address = write_and_publish(staff_page, f"{headline} ({javascript=})", paragraphs)

    said = f"I was on the quay that night ({javascript=})."
    reader = open_page(address, java_script_enabled=javascript)
    for paragraph in paragraphs:
        expect(reader.locator(".body")).to_contain_text(paragraph)
    for typed in ("", "  \u200b"):
        faults_of(reader, typed)

    reader.get_by_label("Comment", exact=True).fill(f"{said}\n\nIt was quiet.")
    reader.get_by_label("Name", exact=True).fill("Ada L.")
    reader.get_by_role("button", name="Post comment").click()
    waiting = reader.locator(".is-waiting")
    expect(waiting).to_contain_text(said)
    expect(waiting).to_contain_text("Awaiting approval. Only you can see this comment.")
    assert "/yours/#comment-" in reader.url

    second = open_page(address, java_script_enabled=javascript)
    expect(second.locator("h1")).to_have_text(f"{headline} ({javascript=})")
    expect(second.locator("body")).not_to_contain_text(said)

    approve(staff_page, said)
    second.reload()
    public = second.locator(".comment", has_text=said)
    expect(public).to_contain_text("Ada L.")
    expect(public).not_to_contain_text("Waiting")
    expect(second.locator("#conversation-headline")).to_have_text("1 comment")
    reader.reload()
    expect(reader.locator(".is-waiting")).to_have_count(0)
    assert not staff_page.console_errors
    assert not second.console_errors


def write_and_publish(page, headline, paragraphs):
    page.goto("/admin/articles/article/add/")
    page.get_by_label("Headline").fill(headline)
    editor = page.locator("[contenteditable].ProseMirror")
    editor.click()
    for number, paragraph in enumerate(paragraphs):
        if number:
            page.keyboard.press("Enter")
        page.keyboard.insert_text(paragraph)
    page.get_by_role("combobox", name="Section").first.select_option(label="Harbour")
    page.get_by_role("link", name="Today").first.click()
    page.get_by_role("link", name="Now").first.click()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(".success")).to_be_visible()
    return page.get_by_role("link", name="View on site").get_attribute("href")


def faults_of(page, typed):
    page.get_by_label("Comment", exact=True).fill(typed)
    page.get_by_label("Name", exact=True).fill(typed)
    with page.expect_response(lambda response: response.request.method == "POST") as answer:
        page.get_by_role("button", name="Post comment").click()
    assert answer.value.status == 422
    for field, message in (("Comment", "Please enter your comment!"), ("Name", "Please enter your name here")):
        widget = page.get_by_label(field, exact=True)
        expect(widget).to_have_accessible_description(message)
        expect(page.get_by_text(message)).to_be_visible()
    expect(page.get_by_label("Comment", exact=True)).to_be_focused()


def approve(page, text):
    page.goto("/admin/comments/comment/")
    row = page.locator("#result_list tbody tr", has_text=text)
    row.locator(".action-select").check()
    page.get_by_label("Action:").select_option(label="Approve")
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).click()
    expect(page.locator(".success")).to_contain_text("1 comment approved.")
