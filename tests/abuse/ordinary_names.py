"""5,000 names as readers of ten cultures type them, and a newsroom of 40 people to test for false impersonation hits.

Many share the given name or the surname with a member of the newsroom. Some contain a full name of one: people with two
surnames, and those who write the surname first.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

# Given names and surnames; the first four of each are also those of the newsroom.
CULTURES = {
    "english": (
        "Hester Oliver Grace Thomas Amelia George Isla Harry Olivia Jack Emily "
        "Charlie Sophie Oscar Freya James Poppy "
        "William Evie Arthur Alice Henry Ruby Noah Ann",
        "Quaile Smith Jones Taylor Brown Davies Evans Wilson Roberts Johnson "
        "Lewis Walker Robinson Wood Thompson White "
        "Watson Jackson Wright Green Harris Cooper King Lee Page",
    ),
    "german": (
        "Lukas Anna Jürgen Sabine Felix Marie Jonas Lena Paul Laura Max Sophia "
        "Leon Klara Finn Greta Karl Ursula Heinz "
        "Gisela Uwe Birgit Dieter Heike Ute",
        "Müller Schmidt Weiß Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf "
        "Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange",
    ),
    "french": (
        "Camille Julien Chloé Mathieu Léa Hugo Manon Lucas Inès Louis Zoé "
        "Antoine Élodie Nicolas Amélie Pierre Margaux "
        "Étienne Céline François Océane Benoît Lucie Gaëlle Yves",
        "Martin Bernard Dubois Lefèvre Moreau Laurent Simon Michel Garcia Roux David Bertrand Morel Fournier Girard "
        "Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Leroy Mercier Blanc",
    ),
    "spanish": (
        "María José Lucía Javier Carmen Antonio Ana Manuel Laura Francisco Marta "
        "David Elena Daniel Sara Carlos Paula "
        "Miguel Raquel Pedro Rocío Pablo Nuria Sergio Beatriz",
        "García Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Díaz Moreno Muñoz Álvarez "
        "Romero Alonso Gutiérrez Navarro Torres Domínguez Vázquez Ramos Gil Serrano",
    ),
    "russian": (
        "Анна Сергей Ольга Дмитрий Елена Иван Наталья Алексей Татьяна Андрей "
        "Мария Михаил Екатерина Николай Ирина Павел "
        "Светлана Юрий Людмила Олег Галина Борис Вера Игорь Нина",
        "Иванов Смирнова Кузнецов Попова Васильев Петрова Соколов Михайлова "
        "Новиков Фёдорова Морозов Волкова Алексеев "
        "Лебедева Семёнов Егорова Павлов Козлова Степанов Николаева Орлов Андреева Макаров Никитина Захаров",
    ),
    "arabic": (
        "محمد فاطمة أحمد مريم علي خديجة يوسف عائشة عمر زينب حسن سارة إبراهيم ليلى خالد نور سعيد هدى كريم سلمى طارق "
        "ياسمين مصطفى رانيا سامي",
        "الخطيب حداد نجار منصور صالح خوري عباس حسين الشامي عيسى سليمان قاسم بكر "
        "العلي جابر شاهين يونس الحسن ناصر فارس "
        "رمضان داود الأحمد زيدان مراد",
    ),
    "indian": (
        "Priya Rahul Ananya Arjun Lakshmi Vikram Kavya Sanjay Deepa Amit Pooja Ravi Meera Suresh Neha Karthik Sunita "
        "Anil Divya Rajesh Asha Manoj Geeta Vijay Ritu",
        "Sharma Patel Singh Iyer Gupta Kumar Reddy Nair Mehta Rao Das Joshi "
        "Menon Shah Verma Pillai Banerjee Chopra Khan "
        "Desai Mishra Kaur Bose Naidu Malhotra",
    ),
    "chinese": (
        "Wei Na Fang Li Jing Ming Hua Lei Xin Yan Jun Ling Tao Hong Ping Qing Bo Mei Jie Ying Hao Xia Feng Yu Lan",
        "Wang Zhang Chen Liu Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He "
        "Lin Gao Luo Zheng Liang Xie Tang Song Deng",
    ),
    "japanese": (
        "さくら 健太 美咲 大輔 陽子 翔 愛 拓也 恵子 直樹 由美 誠 真理子 剛 明日香 隆 優子 浩 彩 勇 直美 学 千尋 進 葵",
        "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 "
        "木村 林 斎藤 清水 山崎 森 池田 橋本 阿部",
    ),
    "turkish": (
        "Ayşe Mehmet Fatma Mustafa Zeynep Ahmet Elif Ali Emine Hüseyin Hatice Hasan "
        "Merve İbrahim Büşra Osman Esra Murat "
        "Özlem Yusuf Gül Emre Sevgi Can Derya",
        "Yılmaz Kaya Demir Şahin Çelik Yıldız Öztürk Aydın Özdemir Arslan Doğan Kılıç "
        "Aslan Çetin Kara Koç Kurt Özkan "
        "Şimşek Polat Korkmaz Erdoğan Güneş Aksoy Taş",
    ),
}
STAFF = [
    *(
        f"{given} {surname}"
        for givens, surnames in CULTURES.values()
        for given, surname in zip(givens.split()[:4], surnames.split()[:4], strict=True)
    ),
]
OTHERS = [
    *["Dave from Leeds", "Mrs Quaile", "Mr Smith", "Quaile", "Hester", "Hester Q.", "Hester Smith-Quaile", "Old Tom"],
    *[
        "A reader",
        "Angry of Tunbridge Wells",
        "mum of three",
        "Grandma Rose",
        "BigDave72",
        "x_anna_x",
        "J. Brown",
        "DJ K",
    ],
    *[
        "Dr. Fischer",
        "Prof. Weber",
        "Anna-Lena",
        "Jean-Luc",
        "Mary Jane O’Neill",
        "Siobhán Ní Bhriain",
        "Nguyễn Văn An",
    ],
    *[
        "Ole Gunnar",
        "Piotr W.",
        "Łukasz",
        "Åsa",
        "Þóra Jónsdóttir",
        "Ngozi Okafor",
        "Chinua",
        "Kofi Mensah",
        "Thabo M.",
    ],
    *["김민준", "이서연", "박지훈", "王芳", "李伟", "陳大文", "Γιώργος Παπαδόπουλος", "Ελένη", "דוד כהן", "שרה לוי"],
    *[
        "Team Leeds",
        "Support Ukraine",
        "Retired teacher",
        "The Chief",
        "Frank Page",
        "Real Madrid fan",
        "Media student",
    ],
    *[
        "Union man",
        "Leeds supporter",
        "Newsreader",
        "Reader 2",
        "Commentator",
        "A. Nonymous",
        "anonymous",
        "Guest",
        "Me",
    ],
    *["The other Dave", "Not a bot", "Writer in Residence", "Press on", "Desk lamp", "Comment is free", "Sitting Bull"],
    *["Lina Berg", "Joann Leeson", "Joan Nash", "Annlee", "Ann Marie Lee-Jones", "Olivera Smithson", "Grace Jonesy"],
]


def ordinary_names(number: int = 5_000) -> list[str]:
    """Return different names, always the same, equally many of each culture."""
    special = list(dict.fromkeys(OTHERS))
    by_culture = [islice(_names_of(*names), number) for names in CULTURES.values()]
    interleaved = dict.fromkeys(name for names in zip(*by_culture, strict=False) for name in names)
    return [*special, *(name for name in interleaved if name not in {*STAFF, *special})][:number]


def _names_of(given_list: str, surname_list: str) -> Iterator[str]:
    """Yield names as people write them: in full, with an initial, two surnames, in lower case, one name alone."""
    given_names, surnames = given_list.split(), surname_list.split()
    others = [*surnames[7:], *surnames[:7]]
    variants = [
        lambda given, surname: f"{given} {surname[0]}.",
        lambda given, surname: f"{given[0]}. {surname}",
        lambda given, surname: f"{given} {surname}-{others[surnames.index(surname)]}",
        lambda given, surname: given.lower() + str(1950 + 3 * surnames.index(surname)),
        lambda given, surname: f"{given} {surname} {others[surnames.index(surname)]}",
        lambda given, surname: f"{surname} {given}",
    ]
    for position, (given, surname) in enumerate(
        sorted(product(given_names, surnames), key=lambda pair: _order(given_names, surnames, pair))
    ):
        yield f"{given} {surname}"
        yield variants[position % len(variants)](given, surname)
    yield from given_names
    yield from surnames


def _order(given_names: list[str], surnames: list[str], pair: tuple[str, str]) -> int:
    """Return a sort key that mixes given names and surnames."""
    return (given_names.index(pair[0]) * 7 + surnames.index(pair[1]) * 11) % 625
