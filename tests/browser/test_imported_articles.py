"""Articles imported from WordPress, in the browser."""

from collections.abc import Iterator

import pytest

from tests.support.live_site import RunningSite, running_site

MOVE_IN = """
from django.core.management import call_command
from articles.models import Article
from comments.models import Comment
call_command("import_wordpress", {export!r}, pages_section="Pages")
for article in Article.objects.published().filter(pk__gt={before}):
    print(article.get_absolute_url())
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """Run a separate site, because the import creates many rows."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


def test_every_page_that_came_fits_a_phone_and_complains_of_nothing(open_page, site, wordpress_export):
    before = site.python("from articles.models import Article; print(Article.objects.latest('pk').pk)")
    printed = site.python(MOVE_IN.format(export=str(wordpress_export), before=before))
    addresses = [line for line in printed.splitlines() if line.startswith("/")]
    assert len(addresses) >= 5
    page = open_page("/", viewport={"width": 360, "height": 800})
    wide = []
    for address in addresses:
        assert page.goto(address, wait_until="domcontentloaded").status == 200
        if page.evaluate("document.documentElement.scrollWidth") > 360:
            wide.append(address)
    assert not wide
    assert page.console_errors == []
