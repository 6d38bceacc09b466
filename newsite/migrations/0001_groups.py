"""The groups of a new site: Moderators, Reporters and Editors. Administrators may change their permissions."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

# The actions of each group on each model; the codename of a permission is
# the action, an underscore and the model; or what stands behind an equals sign.
MODERATORS = {
    "comments.attack": "view",
    "comments.block": "add change view",
    "comments.comment": "moderate redact view",
    "comments.decision": "view",
    "comments.scoringmodel": "view",
    "comments.wordlistentry": "view",
    "comments.statistics": "view",
    "comments.rejectreason": "view",
    "comments.report": "view",
}

REPORTERS = {
    "articles.article": "add change view",
    "articles.author": "view",
    "articles.byline": "add change delete view",
    "articles.correction": "view",
    "articles.image": "add change view",
    "articles.section": "view",
    "articles.tag": "add view",
}

EDITORS = {
    "admin.logentry": "view",
    "articles.article": "add change delete publish view",
    "articles.author": "add change delete view",
    "articles.byline": "add change delete view",
    "articles.correction": "add change delete view",
    "articles.footerlink": "add change delete view",
    "articles.frontpageslot": "add change delete view",
    "articles.sitesettings": "change view",
    "articles.image": "add change delete view",
    "articles.section": "add change delete view",
    "articles.tag": "add change delete view",
    "comments.akismetrequest": "resend view",
    "comments.attack": "view",
    "comments.block": "add change delete view",
    "comments.comment": "=view_original moderate redact view",
    "comments.conversation": "add change view",
    "comments.decision": "view",
    "comments.scoringmodel": "train delete view",
    "comments.notification": "resend view",
    "comments.wordlistentry": "add change delete view",
    "comments.statistics": "view",
    "comments.rejectreason": "add change delete view",
    "comments.report": "view",
    "comments.sitepolicy": "change view",
    "flatpages.flatpage": "add change delete view",
    "redirects.redirect": "add change delete view",
}

GROUPS = {"Moderators": MODERATORS, "Reporters": REPORTERS, "Editors": EDITORS}


def create_groups(apps, schema_editor):
    using = schema_editor.connection.alias
    for label in sorted({model.split(".")[0] for models in GROUPS.values() for model in models}):
        # Django creates them after the last migration, which is too late.
        create_permissions(current_apps.get_app_config(label), verbosity=0, using=using, apps=apps)
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    for name, models in GROUPS.items():
        group, _created = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=name)
        for model, actions in models.items():
            label, model_name = model.split(".")
            codenames = [
                action.removeprefix("=") if action.startswith("=") else f"{action}_{model_name}"
                for action in actions.split()
            ]
            found = list(permissions.filter(content_type__app_label=label, codename__in=codenames))
            if len(found) != len(codenames):
                raise LookupError(f"No such permissions: {codenames} of {model}")
            group.permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("articles", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("comments", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("flatpages", "0001_initial"),
        ("redirects", "0002_alter_redirect_new_path_help_text"),
        ("sites", "0002_alter_domain_unique"),
    ]

    operations = [migrations.RunPython(create_groups, migrations.RunPython.noop)]
