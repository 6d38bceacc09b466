"""CPU time and memory of image uploads, in the web process and in the decoding process."""

import resource
import time

from django.test import Client

from articles.models import Image
from tests.support.images import process, upload_file

ADD = "/admin/articles/image/add/"
FIELDS = {"alt_text": "A boat", "caption": "", "credit": "", "focal_point_x": 50, "focal_point_y": 50}
MAX_REQUEST_MEMORY_BYTES = 32 * 1024 * 1024  # growth during a request; decoding an image takes 300 to 800 MiB


def memory_bytes(field):
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith(field))
    return int(line.split()[1]) * 1024


def measure_call(call):
    """Return the result of the call, its CPU seconds, and the growth of peak memory in bytes."""
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")  # reset the peak to the current value
    before, cpu_start = memory_bytes("VmRSS"), time.process_time()
    result = call()
    return result, time.process_time() - cpu_start, memory_bytes("VmHWM") - before


def measure_upload(user, content):
    client = Client()
    client.force_login(user)
    return measure_call(lambda: client.post(ADD, {**FIELDS, "file": upload_file(content)}))


def check_upload_cost(user, settings, make_content, problem):
    content = make_content()
    response, _cpu, memory = measure_upload(user, content)
    assert memory < MAX_REQUEST_MEMORY_BYTES
    if problem is None:
        assert "This file is damaged or isn’t an image we can read" in response.text
        return
    assert response.status_code == 302
    image = Image.objects.get()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _nothing, _cpu, memory = measure_call(lambda: process(image.pk))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert memory < MAX_REQUEST_MEMORY_BYTES
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < settings.IMAGE_PROCESS_CPU_SECONDS + 2
    assert after.ru_maxrss * 1024 < settings.IMAGE_PROCESS_MEMORY_BYTES
    image.refresh_from_db()
    assert (image.problem, image.is_ready) == (problem, not problem)
    if image.is_ready:
        assert b"script" not in image.file.read()
