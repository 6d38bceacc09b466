"""What an upload takes of the process that answers it, and of the one that decodes it."""

import resource
import time

from django.test import Client

from articles.models import Image
from tests.support.images import process, upload_file

ADD = "/admin/articles/image/add/"
WORDS = {"alt_text": "A boat", "caption": "", "credit": "", "focal_point_x": 50, "focal_point_y": 50}
MOST_MEMORY = 32 * 1024 * 1024  # of a request, beyond what the process has; one image takes 300 to 800 MiB


def in_memory(which):
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith(which))
    return int(line.split()[1]) * 1024


def taking(call):
    """What it returns, the seconds of CPU of this process, and how much more memory that had at any moment."""
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")  # the highest is what there is now
    before, began = in_memory("VmRSS"), time.process_time()
    answer = call()
    return answer, time.process_time() - began, in_memory("VmHWM") - before


def uploads(user, content):
    client = Client()
    client.force_login(user)
    return taking(lambda: client.post(ADD, {**WORDS, "file": upload_file(content)}))


def look(user, settings, make, problem):
    content = make()
    answer, _cpu, memory = uploads(user, content)
    assert memory < MOST_MEMORY
    if problem is None:
        assert "This file is damaged or isn’t an image we can read" in answer.text
        return
    assert answer.status_code == 302
    picture = Image.objects.get()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _nothing, _cpu, memory = taking(lambda: process(picture.pk))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert memory < MOST_MEMORY
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < settings.IMAGE_PROCESS_CPU_SECONDS + 2
    assert after.ru_maxrss * 1024 < settings.IMAGE_PROCESS_MEMORY_BYTES
    picture.refresh_from_db()
    assert (picture.problem, picture.is_ready) == (problem, not problem)
    if picture.is_ready:
        assert b"script" not in picture.file.read()
