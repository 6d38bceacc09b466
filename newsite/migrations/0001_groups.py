"""Three groups: Moderators (comments), Reporters (write, do not publish), Editors (all that the paper is)."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

MODERATORS = ["comments.view_comment", "comments.view_decision", "comments.moderate_comment"]

REPORTERS = [
    "articles.add_article",
    "articles.change_article",
    "articles.view_article",
    "articles.add_byline",
    "articles.change_byline",
    "articles.delete_byline",
    "articles.view_byline",
    "articles.view_author",
    "articles.view_section",
]

EDITORS = [
    *MODERATORS,
    *REPORTERS,
    "articles.publish_article",
    "articles.delete_article",
    "articles.add_section",
    "articles.change_section",
    "articles.delete_section",
    "articles.add_author",
    "articles.change_author",
    "articles.delete_author",
    "articles.view_paper",
    "articles.change_paper",
    "articles.add_footerlink",
    "articles.change_footerlink",
    "articles.delete_footerlink",
    "articles.view_footerlink",
    "comments.view_sitepolicy",
    "comments.change_sitepolicy",
    "comments.add_conversation",
    "comments.change_conversation",
    "comments.view_conversation",
    "flatpages.add_flatpage",
    "flatpages.change_flatpage",
    "flatpages.delete_flatpage",
    "flatpages.view_flatpage",
]

GROUPS = {"Moderators": MODERATORS, "Reporters": REPORTERS, "Editors": EDITORS}


def make_groups(apps, schema_editor):
    using = schema_editor.connection.alias
    for label in ("articles", "comments", "flatpages"):  # otherwise made only after the last migration
        create_permissions(current_apps.get_app_config(label), verbosity=0, using=using, apps=apps)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, permissions in GROUPS.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        for permission in permissions:
            label, codename = permission.split(".")
            group.permissions.add(Permission.objects.using(using).get(content_type__app_label=label, codename=codename))


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0001_initial"),
        ("comments", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("flatpages", "0001_initial"),
        ("sites", "0002_alter_domain_unique"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
