"""What a caller accepts, as its headers weigh it."""

_ALL = 1.0


def weights(header: str) -> dict[str, float]:
    """Each name that an Accept header lists, in lower case, with its weight; 1 where none that is a number is told."""
    return dict(_weighed(each) for each in header.lower().split(",") if each.strip())


def _weighed(each: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in each.split(";"))
    weight = next((part[2:] for part in parameters if part.startswith("q=")), "")
    try:
        return name, float(weight)
    except ValueError:
        return name, _ALL
