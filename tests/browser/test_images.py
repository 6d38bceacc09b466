"""Images, tables and embeds, from the editor's form to the reader's page."""

import re

from playwright.sync_api import expect

from tests.support.images import draw_image, image_bytes

FILM = "https://www.youtube.com/watch?v=abcdefghijk"


WAITING = 96  # pixels, of the sign in its place
PROCESS = """
import time
from articles.models import Image
from articles.images.queue import ImageQueue
queue = ImageQueue()
while Image.objects.waiting().due().exists() or queue.is_busy:  # another test may hold the turn of this host
    queue.step()
    time.sleep(0.05)
queue.stop()
"""


def file(width=900, height=600, *, share=1):
    content = image_bytes(image=draw_image(width, height))
    return {"name": "Mrs Smith.jpg", "mimeType": "image/jpeg", "buffer": content[: int(len(content) * share)]}


def upload(window, alternative):
    """Upload a new image in the pop-up window of the Django admin, which closes it."""
    window.get_by_role("link", name="Add image").click()
    window.get_by_label("File:").set_input_files(file())
    window.get_by_label("Alt text:").fill(alternative)
    with window.expect_event("close"):
        window.get_by_role("button", name="Save", exact=True).click()


def test_an_editor_illustrates_an_article_and_a_reader_sees_it(site, staff_page, open_page):
    page = staff_page
    page.goto("/admin/articles/article/add/")
    page.get_by_label("Headline:").fill("Illustrated")
    page.get_by_label("Section:").select_option(label="Harbour")

    with page.expect_popup() as opened:
        page.locator("#lookup_id_lead_image").click()
    upload(opened.value, "A boat that leads")
    expect(page.locator(".chosen-image img")).to_have_js_property("naturalWidth", WAITING)
    assert page.locator("#id_lead_image").input_value()

    with page.expect_popup() as opened:
        page.get_by_role("button", name="Image", exact=True).click()
    upload(opened.value, "A boat in the text")
    expect(page.locator(".referring img")).to_have_js_property("naturalWidth", WAITING)
    site.python(PROCESS)
    for thumbnail in (page.locator(".chosen-image img"), page.locator(".referring img")):
        expect(thumbnail).not_to_have_js_property("naturalWidth", WAITING, timeout=15_000)
    page.locator(".referring figcaption").click()
    page.keyboard.type("Words of its own")

    page.get_by_role("button", name="Embed", exact=True).click()
    page.get_by_role("textbox", name="Link").fill("https://youtu.be/abcdefghijk?si=tracking")
    page.get_by_role("button", name="Insert", exact=True).click()
    page.get_by_text("Today").first.click()
    page.get_by_text("Now").first.click()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(".referring figcaption").first).to_have_text("Words of its own")
    assert page.locator(".referring code").text_content() == FILM
    assert not page.console_errors

    reader = open_page("/section/harbour/")
    reader.get_by_role("link", name="Illustrated").click()
    expect(reader.get_by_role("img", name="A boat that leads")).to_be_visible()
    expect(reader.get_by_role("img", name="A boat in the text")).not_to_have_js_property("naturalWidth", 0)
    expect(reader.get_by_text("Words of its own")).to_be_visible()
    expect(reader.get_by_role("link", name="Open on YouTube")).to_have_attribute("href", FILM)
    assert not reader.console_errors


def test_the_state_of_an_upload_is_seen_without_a_reload(site, staff_page):
    page = staff_page
    page.goto("/admin/articles/image/add/")
    page.get_by_label("File:").set_input_files(file())
    page.get_by_label("Alt text:").fill("Slow to come")
    page.get_by_role("button", name="Save and continue editing").click()
    state = page.locator(".image-state")
    expect(state).to_have_text("Processing…")
    page.get_by_label("Caption:").fill("Typed meanwhile")
    site.python(PROCESS)
    preview = page.locator(".focus-preview img")
    expect(preview).to_be_visible(timeout=15_000)
    expect(state).to_have_count(0)
    expect(page.get_by_label("Caption:")).to_have_value("Typed meanwhile")
    box = preview.bounding_box()
    preview.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.5})
    assert abs(int(page.get_by_label("Focal point, % from left:").input_value()) - 25) <= 1
    assert not page.console_errors


def test_what_cannot_be_processed_says_so_in_the_list_and_takes_another_file(site, staff_page):
    page = staff_page
    page.goto("/admin/articles/image/add/")
    page.get_by_label("File:").set_input_files(file(share=0.6))
    page.get_by_label("Alt text:").fill("Half a boat")
    page.get_by_role("button", name="Save", exact=True).click()
    row = page.locator("#result_list tr", has_text="Half a boat")
    expect(row.locator(".image-state")).to_have_text("Processing…")
    site.python(PROCESS)
    expect(row.get_by_text("This file is damaged or isn’t an image we can read.")).to_be_visible(timeout=15_000)
    row.get_by_role("link", name="Couldn’t be processed").click()
    page.get_by_label("File:").set_input_files(file())
    page.get_by_role("button", name="Save", exact=True).click()
    site.python(PROCESS)
    expect(row.locator("img.thumbnail")).to_be_visible(timeout=15_000)
    assert not page.console_errors


def test_without_javascript_the_state_is_a_link_away(site, open_page):
    page = open_page("/admin/articles/image/add/", staff="editor", java_script_enabled=False)
    page.get_by_label("File:").set_input_files(file())
    page.get_by_label("Alt text:").fill("By hand")
    page.get_by_role("button", name="Save", exact=True).click()
    row = page.locator("#result_list tr", has_text="By hand")
    site.python(PROCESS)
    page.get_by_role("link", name="Check again").click()
    expect(row.locator("img.thumbnail")).to_be_visible()


EMBEDDED = """
from articles.models import Article
article = Article.objects.latest("pk")
article.body = '<figure data-embed="https://vimeo.com/123"><figcaption>The film</figcaption></figure><table><tbody><tr>'
article.body += "".join(f"<td><p>Incomprehensibilities {n}</p></td>" for n in range(6)) + "</tr></tbody></table>"
article.save()
"""


def test_nobody_else_is_contacted_before_the_click(site, quiet_article, open_page):
    site.python(EMBEDDED)
    page = open_page("about:blank", viewport={"width": 360, "height": 800})
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(body="<p>A player</p>", content_type="text/html")

    page.route(re.compile(r"^https://"), answer)
    page.goto(quiet_article)
    expect(page.get_by_text("Loading it lets Vimeo know you visited this page.")).to_be_visible()
    assert not asked
    page.get_by_role("button", name="Show here").click()
    expect(page.frame_locator("iframe[title='The film']").get_by_text("A player")).to_be_visible()
    assert asked == ["https://player.vimeo.com/video/123?dnt=1&autoplay=1"]
    assert page.evaluate("document.documentElement.scrollWidth") == 360  # the table scrolls in its own box
    assert not page.console_errors


def test_without_javascript_there_is_a_link_and_no_dead_button(site, quiet_article, open_page):
    site.python(EMBEDDED)
    page = open_page(quiet_article, java_script_enabled=False)
    expect(page.get_by_role("link", name="Open on Vimeo")).to_be_visible()
    expect(page.get_by_role("button", name="Show here")).to_be_hidden()


def test_the_focus_is_where_one_clicks(site, staff_page):
    pk = site.python("from articles.models import Image; print(Image.objects.filter(width__gt=1000).first().pk)")
    staff_page.goto(f"/admin/articles/image/{pk}/change/")
    picture = staff_page.locator(".focus-preview img")
    box = picture.bounding_box()
    picture.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.75})
    assert abs(int(staff_page.get_by_label("Focal point, % from left:").input_value()) - 25) <= 1
    assert abs(int(staff_page.get_by_label("Focal point, % from top:").input_value()) - 75) <= 1
    assert not staff_page.console_errors
