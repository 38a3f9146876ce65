"""How an account's number stands in the addresses of the control port: `{portal:portal}`."""

from starlette.convertors import Convertor, register_url_convertor


class PortalConvertor(Convertor[int]):
    """A number of a dozen digits at most; whatever is longer is no address."""

    regex = "[0-9]{1,12}"

    def convert(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_string(self, value: int) -> str:
        """Its digits."""
        return str(value)


register_url_convertor("portal", PortalConvertor())

PORTAL = "{portal:portal}"
"""The account in an address."""
