"""The cast that both vendors share: companies and people, and who of them is known where.

Nothing here is random: the same names, addresses and awkward cases at every start. HubSpot's account 24000001 works
with the QuickBooks companies of the United States (realms 9130350000000001 and 9130350000000003), 24000002 with the
one of the United Kingdom (9130350000000002). A cast member that is a customer in a realm may be written there in
another way (`quickbooks_name`, `quickbooks_email`): that is on purpose.
"""

from dataclasses import dataclass

US_PORTAL = 24000001
UK_PORTAL = 24000002
US_AUTOMATED_REALM = "9130350000000001"
UK_REALM = "9130350000000002"
US_LEGACY_REALM = "9130350000000003"
REALMS = (US_AUTOMATED_REALM, UK_REALM, US_LEGACY_REALM)


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `country` is ISO-3166 alpha-3 as QuickBooks recommends, `region` a state or county."""

    line: str
    city: str
    region: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class CastCompany:
    """A business. `portal` is the HubSpot account that knows it, None for one known to QuickBooks alone."""

    key: str
    name: str
    domain: str
    phone: str
    address: Address | None
    currency: str
    portal: int | None
    realms: tuple[str, ...]
    quickbooks_name: str
    quickbooks_email: str | None
    taxable: bool = True
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class CastPerson:
    """A person; `company` is the key of a CastCompany. `realms` names where the person is a customer in own name."""

    key: str
    first: str
    last: str
    email: str | None
    phone: str
    company: str | None
    portal: int | None
    realms: tuple[str, ...]
    address: Address | None
    title: str
    currency: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


_A, _U, _L = "A", "U", "L"
_REALM_OF = {_A: US_AUTOMATED_REALM, _U: UK_REALM, _L: US_LEGACY_REALM}

# ruff: noqa: E501 - a table reads best with a row on a line
# name | domain | phone | street, city, region, postal code, country | currency | realms (A automated, U UK, L legacy)
_COMPANIES = """
Northwind Outfitters|northwind-outfitters.example|(503) 555-0101|1200 NW Naito Pkwy, Portland, OR, 97209, USA|USD|A
Cascade Builders|cascadebuilders.example|(206) 555-0102|85 Pike St, Seattle, WA, 98101, USA|USD|A
O'Brien & Sons Roofing|obrienroofing.example|(415) 555-0103|4410 Geary Blvd, San Francisco, CA, 94118, USA|USD|A
Blue Heron Coffee|blueheroncoffee.example|(510) 555-0104|2300 Telegraph Ave, Oakland, CA, 94612, USA|USD|AL
Señor Frog's Nursery|senorfrog.example|(619) 555-0105|77 Mission Bay Dr, San Diego, CA, 92109, USA|USD|A
Redwood Dental Group|redwooddental.example|(707) 555-0106|19 Fourth St, Santa Rosa, CA, 95401, USA|USD|A
Lumen & Lark|lumenandlark.example|(213) 555-0107|630 W 5th St, Los Angeles, CA, 90071, USA|USD|A
Harborview Hospitality|harborview.example|(206) 555-0108|1011 Western Ave, Seattle, WA, 98104, USA|USD|A
Desert Bloom Landscaping|desertbloom.example|(602) 555-0109|3300 N Central Ave, Phoenix, AZ, 85012, USA|USD|A
Summit Analytics|summitanalytics.example|(303) 555-0110|1801 California St, Denver, CO, 80202, USA|USD|AL
Golden Gate Freight|ggfreight.example|(650) 555-0111|500 Airport Blvd, Burlingame, CA, 94010, USA|USD|AL
Bright Side Schools|brightsideschools.example|(916) 555-0112|1215 K St, Sacramento, CA, 95814, USA|USD|A
Café Lumière|cafelumiere.example|(415) 555-0113|2 Embarcadero Ctr, San Francisco, CA, 94111, USA|USD|A
Pinecrest Veterinary|pinecrestvet.example|(541) 555-0114|940 Pearl St, Eugene, OR, 97401, USA|USD|AL
Tidewater Marine|tidewatermarine.example|(562) 555-0115||USD|A
Lakeshore Printing|lakeshoreprint.example|(312) 555-0116|233 S Wacker Dr, Chicago, IL, 60606, USA|USD|AL
Prairie Wind Energy|prairiewind.example|(515) 555-0117|666 Walnut St, Des Moines, IA, 50309, USA|USD|L
D'Angelo Catering|dangelocatering.example|(312) 555-0118|1400 W Taylor St, Chicago, IL, 60607, USA|USD|L
Great Lakes Steel Supply|glsteel.example|(414) 555-0119|777 E Wisconsin Ave, Milwaukee, WI, 53202, USA|USD|L
Heartland Logistics|heartlandlogistics.example|(816) 555-0120|1100 Main St, Kansas City, MO, 64105, USA|USD|L
Windy City Fitness|windycityfit.example|(773) 555-0121|3601 N Clark St, Chicago, IL, 60613, USA|USD|L
Twin Rivers Clinic|twinriversclinic.example|(612) 555-0122|80 S 8th St, Minneapolis, MN, 55402, USA|USD|L
Maple & Main Bakery|mapleandmain.example|(608) 555-0123|22 E Mifflin St, Madison, WI, 53703, USA|USD|AL
Ironbridge Software|ironbridge.example|(646) 555-0124|350 Fifth Ave, New York, NY, 10118, USA|USD|
Sunrise Solar Co-op|sunrisesolar.example|(512) 555-0125|500 W 2nd St, Austin, TX, 78701, USA|USD|
Granite State Tools|granitestate.example|(603) 555-0126|875 Elm St, Manchester, NH, 03101, USA|USD|
Thistle & Thyme|thistleandthyme.example|+44 131 496 0127|18 George St, Edinburgh, Midlothian, EH2 2PF, GBR|GBP|U
Kingsway Joinery|kingswayjoinery.example|+44 20 7946 0128|91 Kingsway, London, Greater London, WC2B 6QX, GBR|GBP|U
St. Mary's Academy Trust|stmarysacademy.example|+44 117 496 0129|4 College Green, Bristol, Avon, BS1 5TR, GBR|GBP|U
Albion Bicycle Works|albionbikes.example|+44 161 496 0130|60 Deansgate, Manchester, Greater Manchester, M3 2FW, GBR|GBP|U
Pennine Outdoor|pennineoutdoor.example|+44 113 496 0131|12 The Headrow, Leeds, West Yorkshire, LS1 6PT, GBR|GBP|U
Harrow & Finch|harrowfinch.example|+44 20 7946 0132|7 Station Rd, Harrow, Greater London, HA1 2UT, GBR|GBP|U
Müller Präzisionstechnik GmbH|mueller-praezision.example|+49 711 555 0133|Königstraße 26, Stuttgart, BW, 70173, DEU|EUR|U
Ateliers Beauséjour|beausejour.example|+33 4 55 50 01 34|14 rue de la République, Lyon, ARA, 69002, FRA|EUR|U
Łódzkie Papiernie Sp. z o.o.|lodzkiepapiernie.example|+48 42 555 01 35|ul. Piotrkowska 104, Łódź, LD, 90-926, POL|EUR|U
Ó Súilleabháin Teoranta|osuilleabhain.example|+353 91 555 136|3 Sráid na Siopaí, Gaillimh, G, H91 E2R9, IRL|EUR|U
Fjordlys Design|fjordlys.example|+47 55 50 01 37|Bryggen 11, Bergen, VL, 5003, NOR|EUR|U
Camden Sound Studio|camdensound.example|+44 20 7946 0138|48 Camden High St, London, Greater London, NW1 0JH, GBR|GBP|
Cotswold Larder|cotswoldlarder.example|+44 1451 555 139|1 High St, Bourton-on-the-Water, Gloucestershire, GL54 2AN, GBR|GBP|U
Mersey Marine Insurance|merseymarine.example|+44 151 496 0140|Water St, Liverpool, Merseyside, L3 1HU, GBR|GBP|
""".strip().splitlines()

# How QuickBooks' bookkeepers wrote some of them; every deviation is an awkward case that the product must live with.
_WRITTEN_OTHERWISE = {
    "northwind-outfitters": ("NORTHWIND OUTFITTERS", "ap@northwind-outfitters.example"),
    "cascadebuilders": ("Cascade Builders", "billing@cascadebuilders.example, sam.whitfield@cascadebuilders.example"),
    "obrienroofing": ("O'Brien & Sons Roofing", "accounts@obrienroofing.example"),
    "mapleandmain": ("maple & main bakery", "hello@mapleandmain.example; books@mapleandmain.example"),
    "thistleandthyme": ("THISTLE & THYME", "kitchen@thistleandthyme.example"),
    "tidewatermarine": ("Tidewater Marine", None),
    # Two customers of one realm with one e-mail address: a match by e-mail is ambiguous.
    "lumenandlark": ("Lumen & Lark", "studio@shared-office.example"),
    "harborview": ("Harborview Hospitality", "studio@shared-office.example"),
}
_EXEMPT = frozenset({"brightsideschools", "twinriversclinic"})


def _address(text: str) -> Address | None:
    if not text:
        return None
    line, city, region, postal_code, country = (part.strip() for part in text.rsplit(",", 4))
    return Address(line, city, region, postal_code, country)


def _company(row: str) -> CastCompany:
    name, domain, phone, address, currency, letters = row.split("|")
    key = domain.split(".", 1)[0]
    written, email = _WRITTEN_OTHERWISE.get(key, (name, f"accounts@{domain}"))
    return CastCompany(
        key=key,
        name=name,
        domain=domain,
        phone=phone,
        address=_address(address),
        currency=currency,
        portal=US_PORTAL if currency == "USD" else UK_PORTAL,
        realms=tuple(_REALM_OF[letter] for letter in letters),
        quickbooks_name=written,
        quickbooks_email=email,
        taxable=key not in _EXEMPT,
    )


COMPANIES: tuple[CastCompany, ...] = tuple(_company(row) for row in _COMPANIES)

# A job of a customer: known to QuickBooks alone, as sub-customers are.
SUB_CUSTOMERS: tuple[CastCompany, ...] = tuple(
    CastCompany(
        key=key,
        name=name,
        domain="",
        phone="",
        address=None,
        currency=currency,
        portal=None,
        realms=(realm,),
        quickbooks_name=name,
        quickbooks_email=None,
        parent=parent,
    )
    for key, name, currency, realm, parent in (
        ("pier-9", "Pier 9 Renovation", "USD", US_AUTOMATED_REALM, "cascadebuilders"),
        ("warehouse-b", "Warehouse B", "USD", US_LEGACY_REALM, "heartlandlogistics"),
        ("chapel-roof", "Chapel Roof", "GBP", UK_REALM, "stmarysacademy"),
    )
)

_US_NAMES = """
Sam Whitfield,Ana Sofía Núñez,Priya Raman,Marcus O'Neal,Grace Kim,Tomás Herrera,Leah Goldberg,Devon Carter,Ingrid Larsen,
Noah Williams,Fatima Haddad,Caleb Brooks,Mei-Ling Chen,Oscar Delgado,Hannah Schmidt,Jamal Turner,Rosa Jiménez,
Ethan Clarke,Aisha Bello,Victor Petrov,Chloe Martin,Daniel O'Connor,Yuki Tanaka,Brianna Scott,Luis Peña,Karen Doyle,
Andre Johnson,Sofia Rossi,Peter Novak,Jasmine Ali,Walter Finch,Nadia Kowalski,Henry D'Souza,Maya Patel,Ruth Abrams,
Gabriel Costa,Ellen Voss,Terrence Hill,Lucía Ortega,Ben McAllister,Tara Singh,Joel Freeman,Wendy Cho,Ahmed Farouk,
Kate Lindqvist,Dominic Reyes,Paula Green,Ian Fletcher,Zoë Baxter,Mateo Vargas,Olivia Grant,Sean Murphy
""".replace("\n", "").split(",")
_UK_NAMES = """
Fiona MacLeod,Alistair Graham,Siobhán O'Neill,Rhys Llewellyn,Imogen Clarke,Tariq Mahmood,Harriet Bloom,Oliver Ashworth,
Jürgen Müller,Käthe Strauß,Élodie Beauséjour,François Lefèvre,Łukasz Wójcik,Małgorzata Źrebiec,Pádraig Ó Súilleabháin,
Aoife Nic Dhonnchadha,Bjørn Åkesson,Sigrid Fjell,Ravi Sharma,Nia Hughes,Gareth Pugh,Beth Thornton,Callum Reid,
Wei Zhang,Amelia Pearce,George Hatch,Zadie Okafor,Edmund Hale
""".replace("\n", "").split(",")
# People without a company who are customers in their own name, and people whom QuickBooks does not know.
_US_PRIVATE = """
Jane Doe,Miguel Ángel Torres,Shannon O'Hara,Bill Lucchini,Freddy Osei,Geeta Kalapatapu,Diego Rodríguez,Kookie Carson,
Dukes Palmer,Travis Waldron,Rondonuwu Setiadi,Stephanie Gilmore,John Melton,Kathy Sommers,Mark Cho,Nathan Dunn,
Peggy Barr,Rob Sheffield,Sasha Tillou,Wendell Cole,Irene Walsh,Omar Said,Hugh Lawson,Bonnie Tate,Curtis Boyd,Dana Frey
""".replace("\n", "").split(",")
_UK_PRIVATE = """
Agnes Whittle,Rupert St. John,Chiara D'Amico,Zbigniew Łoś,Clementine Barrow,Magnus Þórsson,Duncan Mair,Poppy Lane,
Hilda Crane,Stuart Bain,Lowri Evans,Kenji Mori,Joyce Adeyemi,Neil Batt
""".replace("\n", "").split(",")
_TITLES = ("Owner", "Accounts Payable", "Operations Manager", "Chief Executive", "Buyer", "Office Manager")
_LATIN = str.maketrans(
    "áàâäåçéèêëíìîïñóòôöøšúùûüýżźńśćąęłŁŚŹŻÓÁÉÍÚÞþßæ", "aaaaaceeeeiiiinooooosuuuuyzznscaelLSZZOAEIUTtsa"
)


def _mailbox(name: str) -> str:
    latin = name.translate(_LATIN).lower()
    words = ("".join(letter for letter in word if letter.isascii() and letter.isalnum()) for word in latin.split())
    return ".".join(word for word in words if word)


def _person(name: str, at: int, company: CastCompany | None, portal: int, realms: tuple[str, ...]) -> CastPerson:
    first, last = name.split(" ", 1) if company is None or " " in name else (name, "")
    address = company.address if company else None
    if realms and company is None:
        address = _PRIVATE_ADDRESSES[portal][at % len(_PRIVATE_ADDRESSES[portal])]
    digits = 200 + at if company else 500 + at
    return CastPerson(
        key=_mailbox(name).replace(".", "-"),
        first=first,
        last=last,
        email=f"{_mailbox(name)}@{company.domain if company else 'mailbox.example'}",
        phone=f"(415) 555-0{digits}" if portal == US_PORTAL else f"+44 20 7946 0{digits}",
        company=company.key if company else None,
        portal=portal,
        realms=realms,
        address=address,
        title=_TITLES[at % len(_TITLES)] if company else "",
        currency="USD" if portal == US_PORTAL else "GBP",
    )


_PRIVATE_ADDRESSES: dict[int, tuple[Address | None, ...]] = {
    US_PORTAL: (
        Address("4581 Finch St.", "Bayshore", "CA", "94326", "USA"),
        Address("12 Ocean Dr.", "Half Moon Bay", "CA", "94213", "USA"),
        Address("900 Lake St.", "Evanston", "IL", "60201", "USA"),
        None,
    ),
    UK_PORTAL: (
        Address("22 Elm Row", "London", "Greater London", "NW3 1AA", "GBR"),
        Address("5 Castle Wynd", "Edinburgh", "Midlothian", "EH1 2LS", "GBR"),
    ),
}


def _staff(names: list[str], portal: int) -> list[CastPerson]:
    houses = [company for company in COMPANIES if company.portal == portal]
    return [_person(name.strip(), at, houses[at % len(houses)], portal, ()) for at, name in enumerate(names)]


def _private(names: list[str], portal: int, known: int, realms: tuple[str, ...]) -> list[CastPerson]:
    """The first `known` of them are customers, spread over the realms in turn."""
    return [
        _person(name.strip(), at, None, portal, (realms[at % len(realms)],) if at < known else ())
        for at, name in enumerate(names)
    ]


PEOPLE: tuple[CastPerson, ...] = (
    *_staff(_US_NAMES, US_PORTAL),
    *_staff(_UK_NAMES, UK_PORTAL),
    *_private(_US_PRIVATE, US_PORTAL, 24, (US_AUTOMATED_REALM, US_AUTOMATED_REALM, US_LEGACY_REALM)),
    *_private(_UK_PRIVATE, UK_PORTAL, 12, (UK_REALM,)),
)

# Names that customers may not take, because a vendor or an employee bears them (quickbooks.md 8).
VENDORS: dict[str, tuple[str, ...]] = {
    US_AUTOMATED_REALM: ("Bay Area Stationers", "Ironbridge Software", "Pacific Power & Light"),
    UK_REALM: ("Royal Parcel Service", "Camden Sound Studio"),
    US_LEGACY_REALM: ("Midwest Paper Co.", "Lake County Water"),
}
EMPLOYEES: dict[str, tuple[str, ...]] = {
    US_AUTOMATED_REALM: ("Emily Platt", "Curtis Boyd"),
    UK_REALM: ("Hugh Pemberton",),
    US_LEGACY_REALM: ("Dana Frey", "Clara Voigt"),
}


def company_named(key: str) -> CastCompany:
    """The company or sub-customer of that key; raises KeyError."""
    return _BY_KEY[key]


def customers_in(realm: str) -> tuple[CastCompany | CastPerson, ...]:
    """Who is a customer there, parents before their sub-customers."""
    everyone: tuple[CastCompany | CastPerson, ...] = (*COMPANIES, *PEOPLE, *SUB_CUSTOMERS)
    return tuple(member for member in everyone if realm in member.realms)


_BY_KEY = {company.key: company for company in (*COMPANIES, *SUB_CUSTOMERS)}
