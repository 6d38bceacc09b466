"""A busy hour of honest readers behind one address: no limit refuses or holds any of them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
import tomllib

from django.test import Client
import pytest

from comments.models import Comment, Recommendation, Report
from comments.readers.recommendations import MAX_COUNTED_PER_NETWORK
from comments.statuses import Status
from tests.conftest import client_of, make_article, make_comment, send

BEGIN = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)
CLASS, OTHERS = 30, 30  # a school class within five minutes, and other readers during the hour
TRUSTED_OF_THREE = 2
EACH = 3  # comments, recommendations and reports
CONTENT = Path(__file__).resolve().parents[2] / "newsite" / "demo" / "content" / "articles"
MORE = """
My bus was forty minutes late on Tuesday, and nobody at the stop had been told why.
Who is going to pay for the new roof of the sports hall? It leaks above the climbing wall.
Thank you for printing the whole letter of the parents and not only the angry half.
I was in the queue at the town hall yesterday; they had run out of forms by ten.
The photograph shows Mill Street, not Bridge Street. I grew up there.
Could you add a map? I cannot picture where the path will cross the railway.
Our chemistry teacher explained the same thing with a potato and two nails.
It is not the price of the lunches, it is that they are cold by the time we sit down.
My grandfather laid those cobbles in 1961 and would laugh at this plan.
Please ask the swimming club, too. They have had no heating since February.
There used to be a ferry here on Sundays. Bring it back and you need no second bridge.
Does anybody know whether the library opens during the holidays?
Half my class walks along that road in the dark. A lamp would be cheaper than a study.
The mayor promised this three years ago; I have the leaflet in a drawer.
Wonderful interview. I had no idea that bees sleep.
I disagree: trams are quieter than the buses we have now, even on that bend.
The figures in the second paragraph do not add up to a hundred.
We tried it at our allotment, and the slugs loved it.
Why was the meeting held at noon, when everyone with a job was at work?
As a cyclist I would be content with one winter in which the lane is swept.
The old cinema had better seats than the new one, and an organ.
Is the water safe to drink or not? The leaflet says one thing and the website another.
My sister plays in that orchestra. They rehearse in a garage.
Please do not call it vandalism; the wall was painted by agreement with the owner.
Every spring the same puddle, every spring the same article. Good that you keep at it.
A four-day week would have helped more than a new logo.
I counted eleven empty shops between the station and the market this morning.
The storks are back on the chimney of the brewery since Saturday!
It should be said that the caretaker found the fault, not the inspector.
Let them build, but let them build flats that a nurse can afford.
Nobody in our street received the notice. We read about it here.
The recipe needs twice the flour. Otherwise it runs all over the tin.
What happens to the lime trees when the pipes are laid?
I work there. The machines are fine, it is the shifts that break people.
Has the museum said what becomes of the model railway?
Last year's concert in the quarry was the best evening I have had in this town.
You could hear the explosion as far as the reservoir.
Perhaps the council might try the toilets itself before it calls them adequate.
My son has waited nine months for an appointment with a dentist.
The timetable works if you live in the centre. From the village it is useless.
Good luck to the new baker. Six generations is a lot to carry.
In my day we skated on that pond, and no one asked for insurance.
Why not turn the barracks into a school? The roof is new.
This is the first time that someone has explained the levy so that I understand it.
The referee was right, and I say that as a supporter of the other side.
Hedgehogs need a gap of thirteen centimetres under a fence. It costs nothing.
I miss the voice of the lady who announced the trains.
The dam held in 1997 with far more rain. What has changed upstream?
All very well, but where do the pupils with wheelchairs get in?
An honest obituary. He was difficult, and he was generous.
There are two doctors for eight thousand people. That is the whole story.
Our debating club argued about this for two hours and ended in a draw.
Could the paper publish the contract? It was signed in our name.
The smell comes from the fields, not from the factory; I checked the wind.
Some of us learnt to read with those subtitles. Keep them.
The new playground is splendid, except that the slide faces south and burns.
I voted for it and would again, only slower.
Whoever chose that shade of green for the town hall has never seen it in rain.
They closed the night pharmacy first, then wondered why the hospital is full.
My cat came home with one of their leaflets on her collar.
For comparison: the same repair took the Dutch five weeks.
The choir lost its room, and the room is now a store for chairs.
As the widow of a miner I would like the plaque to name all forty.
Nice idea. Who waters it in August?
The translation of the poem leaves out the best line, the one about salt.
Those who complain of noise moved next to a fire station.
We cook for sixty on Thursdays. Volunteers who can peel are welcome.
My driving instructor calls it the junction of prayers.
The article forgets that the canal froze twice that winter.
If the pool must close, then please after the exams of the life guards.
I asked at the counter: the form exists, the stamp does not.
An orchard would suit that slope better than another car park.
It was our year group that planted the hedge. It is taller than we are.
The bell rings a quarter tone flat. You get used to it.
I have kept every programme of the festival since 1983, should the archive want them.
Our street votes on the trees tonight, at eight, in the scout hut.
There is a simpler reason: the pavement is exactly one pram wide.
Let the young ones try. We had our turn with the youth centre.
""".strip().splitlines()


@dataclass
class Reader:
    number: int
    client: Client
    is_trusted: bool
    arrives: datetime
    statuses: list[int] = field(default_factory=list)

    @property
    def address(self):
        return f"192.0.2.{self.number + 1}"


def texts():
    """Different ones, as readers write them: those of the demo, then others."""
    yield from MORE
    of_the_demo = {text for file in CONTENT.glob("*.toml") for text in _texts_in(tomllib.loads(file.read_text()))}
    yield from sorted(text for text in of_the_demo if "://" not in text)


def _texts_in(part):
    if isinstance(part, dict):
        return {part["text"].strip()} if isinstance(part.get("text"), str) else _texts_in(list(part.values()))
    return set().union(*map(_texts_in, part)) if isinstance(part, list) else set()


@pytest.fixture
def readers(db, time_machine):
    time_machine.move_to(BEGIN, tick=False)
    found = []
    for number in range(CLASS + OTHERS):
        is_trusted = number % 3 < TRUSTED_OF_THREE
        client = Client()
        if is_trusted:
            device = f"{int(BEGIN.timestamp()) - 40 * 24 * 60 * 60:08x}{number:024}"
            earlier = make_article(published_at=BEGIN - timedelta(days=40))
            make_comment(earlier, device=device, created_at=BEGIN - timedelta(days=39), text=f"Earlier, {number}.")
            client = client_of(device)
        seconds = number * 10 if number < CLASS else 60 * (1 + number - CLASS) * 40 // OTHERS
        found.append(Reader(number, client, is_trusted, BEGIN + timedelta(seconds=seconds)))
    return found


def test_sixty_readers_behind_one_schools_address_are_hindered_by_nothing(readers, time_machine):
    articles = [make_article(published_at=BEGIN - timedelta(days=1)) for _ in range(6)]
    others = [
        make_comment(articles[n % 6], created_at=BEGIN - timedelta(hours=2), text=f"From elsewhere, number {n}.")
        for n in range(len(readers))
    ]
    words = texts()
    doings = []
    for reader in readers:
        for turn in range(EACH):
            at = reader.arrives + timedelta(minutes=5 * turn)
            article = articles[(reader.number + turn) % 6]
            shown = others[(reader.number + 20 * turn) % 60]
            comment = partial(comments, reader, article, next(words), at + timedelta(minutes=1))
            doings += [(at + timedelta(minutes=3), comment)]
            doings += [(at + timedelta(minutes=4, seconds=20 * turn), partial(click, reader, shown, "recommend"))]
            doings += [(at + timedelta(minutes=4, seconds=30), partial(click, reader, shown, "report"))]
    for at, do in sorted(doings, key=lambda doing: doing[0]):
        time_machine.move_to(at, tick=False)
        do()
    number = len(readers) * EACH
    assert Counter(status for reader in readers for status in reader.statuses) == {303: 3 * number}
    written = Comment.objects.filter(created_at__gte=BEGIN)
    assert Counter(reasons(comment) for comment in written) == {
        (Status.APPROVED,): number * TRUSTED_OF_THREE // 3,
        (Status.PENDING, "device_is_not_trusted"): number // 3,
    }
    assert Recommendation.objects.filter(is_counted=True).count() == Recommendation.objects.count() == number
    assert {comment.recommendations for comment in Comment.objects.filter(pk__in=[each.pk for each in others])} == {
        EACH
    }
    assert EACH <= MAX_COUNTED_PER_NETWORK
    assert Report.objects.count() == number
    assert not Comment.objects.filter(pk__in=[each.pk for each in others]).exclude(status=Status.APPROVED).exists()
    assert len({network for (network,) in written.values_list("network")}) == 1


def comments(reader, article, text, rendered):
    """The first comment of a new reader comes without a cookie."""
    name = f"Pupil {reader.number}"
    answer = send(reader.client, article, comment=text, name=name, rendered=rendered, address=reader.address)
    reader.statuses.append(answer.status_code)


def click(reader, comment, what):
    data = {"complaint": "off_topic", "note": ""} if what == "report" else {"recommend": "1"}
    headers = {"Sec-Fetch-Site": "same-origin"}
    address = f"/comments/{comment.pk}/{what}/"
    reader.statuses.append(reader.client.post(address, data, headers=headers, REMOTE_ADDR=reader.address).status_code)


def reasons(comment):
    findings = [finding["rule"].rpartition(".")[2] for finding in comment.decisions.get().findings]
    return (comment.status, *findings)
