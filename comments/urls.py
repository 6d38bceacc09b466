"""Addresses of readers' pages about single comments, and of email notifications. They are permanent."""

from __future__ import annotations

from django.urls import path

from comments.views import edit, own_comments, permalink, recommend, report, subscriptions

urlpatterns = [
    path("comments/<int:pk>/", permalink.comment_permalink, name="comment"),
    path("comments/yours/", own_comments.own_comments, name="own_comments"),
    path("comments/<int:pk>/edit/", edit.edit_comment, name="edit_comment"),
    path("comments/<int:pk>/report/", report.report_comment, name="report_comment"),
    path("comments/<int:pk>/withdraw/", own_comments.withdraw_comment, name="withdraw_comment"),
    path("comments/<int:pk>/recommend/", recommend.recommend_comment, name="recommend_comment"),
    path("letters/", subscriptions.subscribe_page, name="subscribe"),
    path("letters/<str:token>/", subscriptions.subscription_page, name="subscription"),
    path("letters/<str:token>/stop/", subscriptions.unsubscribe_page, name="unsubscribe"),
]
