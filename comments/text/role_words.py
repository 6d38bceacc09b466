"""Words with which a name claims to represent the newsroom, in the most frequent languages of readers.

They are compared as skeletons (comments/text/confusables.py), so accents, case and look-alike letters need no
entries.
"""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Roles that manage the site. One of them beside another word holds a comment, because no real name contains one.
AUTHORITY = _words("""
    editor editors editorial moderator moderators moderation admin admins administrator administrators
    newsroom newsdesk staff webmaster sysadmin sysop mod mods
    administration administración administração amministrazione administratie
    redaktion redakteur redakteure redakteurin chefredaktion chefredakteur chefredakteurin
    moderatorin moderatoren administratorin
    rédaction rédacteur rédactrice modérateur modératrice modération administrateur administratrice
    redacción redactor redactora moderador moderadora moderación administrador administradora editora
    redação redator redatora moderação
    redazione redattore redattrice moderatore moderatrice amministratore amministratrice
    redactie redacteur beheerder hoofdredacteur
    redakcja redaktorka redaktor moderacja redakce redaktör redaktør redaksjonen redaktionen
    toimitus päätoimittaja ylläpito editör moderatör yönetici redaksi
    редактор редакция редакція модератор модераторы администратор администрация адміністратор админ
    συντάκτης διαχειριστής συντονιστής
    المحرر المشرف الإدارة העורך המערכת संपादक
""")

# The same in scripts without spaces between words: found anywhere in a name.
AUTHORITY_WITHIN = _words("""
    编辑 編輯 管理员 管理員 版主 編集部 編集者 編集長 管理人 管理者 運営 モデレーター 편집자 편집부 편집국 관리자 운영자
""")

# Additions that make a name look official. They are harmless alone: a reader may be a journalist.
ROLES = _words("""
    team desk support helpdesk official verified real genuine account author journalist reporter columnist
    correspondent writer chief deputy manager management director publisher news media press comments community site
    service office online photographer
    offiziell journalistin autorin autor reporterin kolumnist
    officiel équipe journaliste auteur oficial equipo periodista equipe jornalista ufficiale giornalista autore
    officieel schrijver zespół dziennikarz официальный журналист автор команда
    官方 公式 記者 记者 공식 기자
""")

# Words without a meaning of their own, as in "The editors of the site".
FILLERS = _words("""
    the of at from for and by to in a an on our your this
    der die das von vom des le la les de du el los las do da il lo het een l d
""")
