import csv

from django.core.management import CommandError, call_command
import pytest

from comments.statuses import Status
from tests.support.synthetic_comments import CommentGenerator


@pytest.fixture
def examples(tmp_path):
    path = tmp_path / "examples.csv"
    writer = CommentGenerator(seed=5)
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["label", "id", "text"])
        for number in range(150):
            status = Status.SPAM if number % 3 == 0 else Status.APPROVED
            lines.writerow([status.name.lower(), number, f"{writer.text(status)}\nA second line."])
    return path


def score(capsys, *words):
    call_command("evaluate_scoring", *words)
    return capsys.readouterr().out


def fails(*words):
    with pytest.raises(CommandError) as caught:
        call_command("evaluate_scoring", *words)
    return str(caught.value)


def test_it_learns_from_four_fifths_and_tells_how_well_it_does_on_the_rest(examples, capsys):
    said = score(capsys, examples)
    assert "Trained on 120 lines, 40 labelled 'spam'" in said
    assert "Scored 30 held-out lines" in said
    assert "ROC-AUC: 0.9" in said or "ROC-AUC: 1.0000" in said
    rows = [line.split() for line in said.splitlines() if line[3:5] == " %"]
    assert [row[0] for row in rows] == ["50", "60", "70", "80", "90", "95", "99"]
    assert all(0 <= float(share) <= 1 for row in rows for share in row[2:] if share != "–")


def test_it_says_the_same_each_time(examples, capsys):
    def figures():
        return score(capsys, examples).partition("ROC-AUC")[2]

    assert figures() == figures()


def test_what_is_held_out_may_be_another_file_and_what_is_recognised_the_other_label(examples, capsys):
    said = score(capsys, examples, "--held-out", examples, "--label", "approved")
    assert "Trained on 150 lines, 100 labelled 'approved'" in said
    assert "Scored 150 held-out lines" in said


def test_what_is_held_out_must_have_the_labels_that_are_learnt(examples, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text(examples.read_text(encoding="utf-8").replace("approved", "ham"), encoding="utf-8")
    said = fails(examples, "--held-out", other)
    assert "must have the same two labels, 'approved' and 'spam', and has 'ham' and 'spam'" in said


def test_scores_are_written_by_number_of_line(examples, tmp_path, capsys):
    score(capsys, examples, "--scores", tmp_path / "scores.csv")
    rows = list(csv.reader((tmp_path / "scores.csv").read_text().splitlines()))
    assert rows[0] == ["line", "score"]
    assert len(rows) == 31
    assert all(int(line) > 1 and 0 <= float(number) <= 1 for line, number in rows[1:])


def test_a_text_that_is_there_twice_is_not_on_both_sides(tmp_path, capsys):
    path = tmp_path / "twice.csv"
    path.write_text("text,label\n" + "".join(f"Text {n % 40},{'ab'[n % 2]}\n" for n in range(400)))
    assert "on 32 lines" in score(capsys, path)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "must name the columns text and label, and names nothing"),
        (b"comment,label\nhello,spam\n", "and names 'comment', 'label'"),
        (b"text,label\n", "must have two different labels, and has 0: none"),
        (b"text,label\nhello,spam\n", "and has 1: 'spam'"),
        (b"text,label\nhello,spam\nhi,ham\nho,other\n", "and has 3: 'spam', 'ham', 'other'"),
        (b"text,label\nhello\n", "Line 2 has no label."),
        (b"text,label\nhello,spam\nhi,ham\n", "at least 9 of each label"),
        ("text,label\nschön,spam\n".encode("latin-1"), "is not UTF-8"),
        ("text,label\nhello,spam\n".encode("utf-16"), "is not UTF-8"),
        (b"text,label\n" + b"a" * 1_000_001 + b",spam\n", "is not CSV: field larger than field limit"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(tmp_path, content, fault):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    assert fault in fails(path)


def test_a_file_that_is_not_there_and_a_label_that_no_line_has(examples, tmp_path):
    assert fails(tmp_path / "none.csv").endswith("cannot be read: No such file or directory.")
    assert fails(tmp_path).endswith("cannot be read: Is a directory.")
    assert fails(examples, "--label", "nonsense") == "No line has the label 'nonsense'."
    assert fails(examples, "--scores", tmp_path).endswith("could not be written: Is a directory.")
    assert "cannot be read" in fails(examples, "--held-out", tmp_path / "none.csv")
