"""Admin of blocks. It previews which comments a new block would have caught before it is saved."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.admin.backtests import BACKTEST_BUTTON, COMMENT_COUNT_FIELD, BacktestAdminMixin
from comments.admin.paginator import CappedPaginator
from comments.admin.rule_stats_mixin import RuleStatsAdminMixin
from comments.filters.backtest import NEWEST_CHOICES
from comments.filters.blocks import PREVIEW_DAYS, preview_block
from comments.models import Block, Comment
from comments.text.links import extract_links

MAX_HOSTS_OFFERED = 5
CONFIRMED_FIELD = "confirmed"


def ways_to_block(comment: Comment) -> list[tuple[str, str]]:
    """Return a label and the URL of the filled-in form for each way to block the comment's reader or links."""
    if comment.staff_id:
        return []
    hosts = list(dict.fromkeys(link.host.removeprefix("www.") for link in extract_links(comment.text)))[
        :MAX_HOSTS_OFFERED
    ]
    ways = [
        (_("Block this device"), Block.Kind.DEVICE, comment.device),
        (_("Block this network"), Block.Kind.NETWORK, comment.network),
        (_("Block this name"), Block.Kind.NAME, comment.name),
        *((_("Block links to %s") % host, Block.Kind.DOMAIN, host) for host in hosts),
    ]
    form = reverse("admin:comments_block_add")
    return [(label, f"{form}?{urlencode({'kind': kind, 'value': value})}") for label, kind, value in ways if value]


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("active", _("Active")), ("expired", _("Expired"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "active":
                return queryset.active()
            case "expired":
                return queryset.filter(ends_at__lte=timezone.now())
        return queryset


@admin.register(Block)
class BlockAdmin(RuleStatsAdminMixin, BacktestAdminMixin):
    rule = "comments.rules.builtin.is_blocked"
    list_display = [
        "value",
        "kind",
        "outcome",
        "state",
        "ends_at",
        "hits",
        "last_hit_at",
        "measured",
        "reason",
        "author",
    ]
    list_filter = [StateFilter, "kind", "outcome"]
    list_select_related = ["author"]
    list_per_page = 50
    search_fields = ["value", "reason"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    backtest_fields = ("kind", "value", "outcome", "reason", "ends_at")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"is_nav_sidebar_enabled": False, **(extra_context or {})})

    @admin.display(description=gettext_lazy("status"))
    def state(self, block: Block) -> str:
        if block.is_expired():
            return _("Expired")
        return _("Active") if block.is_active() else _("Not started")

    def get_fields(self, request: HttpRequest, obj: Block | None = None) -> Any:
        return [*self.backtest_fields, *self._made(obj)]

    def get_readonly_fields(self, request: HttpRequest, obj: Block | None = None) -> list[str]:
        """Keep kind and value of a saved block fixed, because its hits belong to them."""
        return ["kind", "value", *self._made(obj)] if obj else []

    def _made(self, block: Block | None) -> list[str]:
        return ["state", "author", "begins_at", "hits", "last_hit_at"] if block else []

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Show a preview for a valid form. Save it when it is confirmed there."""
        if (
            request.method == "POST"
            and not {CONFIRMED_FIELD, BACKTEST_BUTTON}.intersection(request.POST)
            and self.has_add_permission(request)
        ):
            form = self.get_form(request)(request.POST)
            if form.is_valid():
                return self._confirm(request, form.instance)
        return super().add_view(request, form_url, extra_context)

    def _confirm(self, request: HttpRequest, block: Block) -> HttpResponse:
        caught = preview_block(block)
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Preview of this block"),
            "opts": self.opts,
            "new": block,
            "caught": caught,
            "days": PREVIEW_DAYS,
            "comments": caught.comments if request.user.has_perm("comments.view_comment") else [],
            "sent": [(name, value) for name, value in sent if name not in {"csrfmiddlewaretoken", COMMENT_COUNT_FIELD}],
            "confirmed": CONFIRMED_FIELD,
            "again": f"{reverse('admin:comments_block_add')}?{urlencode(self.form_values(block))}",
            "newest": NEWEST_CHOICES,
        }
        return TemplateResponse(request, "admin/comments/block/confirm.html", context)

    def save_model(self, request: HttpRequest, obj: Block, form: Any, change: bool) -> None:
        """Write only the fields of the form for a saved block, because hits are counted concurrently."""
        if change:
            Block.objects.filter(pk=obj.pk).update(outcome=obj.outcome, reason=obj.reason, ends_at=obj.ends_at)
        else:
            obj.author = cast(User, request.user)
            super().save_model(request, obj, form, change)
