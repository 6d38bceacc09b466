import io

import pytest

from newsite.importers.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / "one.xml", tmp_path / "two.xml"]
    for path, size in zip(paths, (300, 100), strict=True):
        path.write_bytes(b"x" * size)
    return paths


def run(stream, files):
    progress = Progress(stream, files)
    progress.update_bytes_read(300)
    progress.next_file()
    progress.imported_count = 1_234
    progress.update_bytes_read(100)
    progress.close()
    return stream.getvalue()


def test_on_a_terminal_one_line_moves(files):
    output = run(Terminal(), files)
    assert output.count("\n") == 1
    last = output.strip().rpartition("\r")[2]
    assert last.startswith("[##############################] 100%")
    assert "1,234 imported" in last


def test_in_a_log_each_line_is_one(files):
    lines = run(io.StringIO(), files).splitlines()
    assert len([line for line in lines if line]) <= 2  # at the start and at the end: the interval is half a minute
    assert not any("\r" in line for line in lines)
    assert "100%" in lines[-1] or "100%" in lines[-2]


def test_files_that_are_not_there_or_empty_are_no_fault(tmp_path):
    assert "imported" in run(io.StringIO(), [tmp_path / "nowhere.xml"])
