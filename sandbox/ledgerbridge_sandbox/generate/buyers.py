"""Made-up buyers: businesses and people with names that no two share, and addresses all over the United States."""

from dataclasses import dataclass
from random import Random

_PLACES = (
    ("Portland", "OR", "972"),
    ("Seattle", "WA", "981"),
    ("San Francisco", "CA", "941"),
    ("Sacramento", "CA", "958"),
    ("San Diego", "CA", "921"),
    ("Phoenix", "AZ", "850"),
    ("Denver", "CO", "802"),
    ("Chicago", "IL", "606"),
    ("Evanston", "IL", "602"),
    ("Milwaukee", "WI", "532"),
    ("Madison", "WI", "537"),
    ("New York", "NY", "100"),
    ("Albany", "NY", "122"),
    ("Austin", "TX", "787"),
    ("Boise", "ID", "837"),
    ("Reno", "NV", "895"),
)
_FIRST = """
Harbor,Cedar,Summit,Prairie,Granite,Willow,Copper,Juniper,Beacon,Lakeside,Redwood,Silver,Maple,
Canyon,Meadow,Falcon,Orchard,Aspen,River,Cobalt,Sunrise,Pioneer,Atlas,Clover,Ember,Northern,Crescent,
Heritage,Golden,Timber,Coastal,Union,Valley,Foxglove,Ironwood,Bluebird,Hillcrest,Sterling,Magnolia,
Evergreen,Keystone
""".replace("\n", "").split(",")
_TRADES = """
Builders,Roofing,Logistics,Dental,Bakery,Printing,Interiors,Landscaping,Analytics,Catering,Motors,
Fitness,Electric,Plumbing,Textiles,Furniture,Optics,Brewing,Software,Freight,Veterinary,Realty,Studios,
Tools,Hospitality,Packaging,Instruments,Outfitters,Energy,Foods,Supply,Clinic,Partners,Nursery,Metals,
Marine,Books,Ceramics
""".replace("\n", "").split(",")
_FORMS = ("", " Inc.", " LLC", " & Sons", " Co.", " Group", " Ltd.")
_GIVEN = """
Ana,Ben,Chloe,Daniel,Elena,Farid,Grace,Hugo,Irene,Jamal,Karen,Luis,Maya,Noah,Olivia,Pedro,Quinn,
Rosa,Sam,Tara,Uma,Victor,Wendy,Yusuf,Zoë,Marcus,Leah,Owen,Priya,Theo,Nadia,Felix,Ingrid,Caleb,
Mei,Oscar,Hannah,Joel,Lucía,Sean
""".replace("\n", "").split(",")
_FAMILY = """
Alvarez,Brooks,Carter,Diaz,Ellis,Foster,Grant,Hayes,Ibrahim,Jensen,Kim,Larsen,Morgan,Novak,O'Brien,
Patel,Quigley,Reyes,Singh,Turner,Underwood,Vargas,Walsh,Xu,Young,Zhang,Bauer,Costa,Doyle,Eriksen,
Fischer,Goldberg,Haddad,Iverson,Jiménez,Kowalski,Lindqvist,Müller,Núñez,Okafor,Petrov,Rossi,Schmidt,
Tanaka,Usman,Voss,Whitfield
""".replace("\n", "").split(",")
_STREETS = ("Main St", "Oak Ave", "2nd St", "Market St", "Lake Shore Dr", "Pine St", "Cedar Ln", "Industrial Way")
_PRIVATE = 0.4
_WITHOUT_MAIL = 0.04
_EXEMPT = 0.05
_LATIN = str.maketrans("ëíúñü'", "eiunu ")


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys. A private person has no `business`; `domain` is the business' own or that of its mail provider."""

    business: str
    given: str
    family: str
    mail: str
    domain: str
    phone: str
    street: str
    city: str
    region: str
    postal_code: str
    taxable: bool

    @property
    def name(self) -> str:
        """As QuickBooks lists the customer."""
        return self.business or f"{self.given} {self.family}"


def buyer(number: int, chance: Random) -> Buyer:
    """The buyer of that number, from 0; numbers make the names, luck the rest."""
    private = chance.random() < _PRIVATE
    given, family = _person(number)
    business = "" if private else _business(number)
    domain = "mailbox.example" if private else f"{_slug(business)}.example"
    mailbox = f"{_slug(given)}.{_slug(family)}" if private else "accounts"
    city, region, postal_code = chance.choice(_PLACES)
    return Buyer(
        business=business,
        given=given,
        family=family,
        mail="" if chance.random() < _WITHOUT_MAIL else f"{mailbox}@{domain}",
        domain=domain,
        phone=f"({200 + number % 700}) 555-{number // 700 % 10_000:04d}",
        street=f"{1 + chance.randrange(9_800)} {chance.choice(_STREETS)}",
        city=city,
        region=region,
        postal_code=f"{postal_code}{chance.randrange(100):02d}",
        taxable=chance.random() >= _EXEMPT,
    )


def _business(number: int) -> str:
    """Every number another name: when the words are used up, another town's branch."""
    rest, first = divmod(number, len(_FIRST))
    rest, trade = divmod(rest, len(_TRADES))
    branch, form = divmod(rest, len(_FORMS))
    name = f"{_FIRST[first]} {_TRADES[trade]}{_FORMS[form]}"
    return f"{name} No. {branch + 1}" if branch else name


def _person(number: int) -> tuple[str, str]:
    rest, given = divmod(number, len(_GIVEN))
    generation, family = divmod(rest, len(_FAMILY))
    second = f" {chr(ord('A') + generation % 26)}." if generation else ""
    third = f" {generation // 26 + 1}" if generation >= 26 else ""  # noqa: PLR2004 - letters of the alphabet
    return _GIVEN[given] + second, _FAMILY[family] + third


def _slug(text: str) -> str:
    plain = text.translate(_LATIN).lower()
    return "-".join(word for word in "".join(c if c.isalnum() else " " for c in plain).split())
