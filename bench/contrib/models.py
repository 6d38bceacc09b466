from django.db import models


class Article(models.Model):
    headline = models.CharField(max_length=200)
    body = models.TextField()

    class Meta:
        app_label = "contrib"

    def __str__(self) -> str:
        return self.headline

    def get_absolute_url(self) -> str:
        return f"/{self.pk}/"
