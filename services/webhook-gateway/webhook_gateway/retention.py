"""The gateway's own chores: partitions of receipts ahead of the days, and dropping what the settings do not keep."""

from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Transaction

from webhook_gateway import store
from webhook_gateway.settings import Settings

DAYS_AHEAD = 8


class ReceiptChores:
    """Chores for `ledgerbridge.service.retention`; days are those of business time."""

    def __init__(self, clock: BusinessClock, settings: Settings) -> None:
        """Keep what the settings say."""
        self._clock = clock
        self._settings = settings

    async def make_partitions(self, tx: Transaction) -> int:
        """Make the coming days' partitions."""
        await store.make_partitions(tx, self._clock.now().date(), DAYS_AHEAD)
        return 0

    async def drop_receipts(self, tx: Transaction) -> int:
        """Drop the days that are too old."""
        await store.drop_receipts(tx, (self._clock.now() - self._settings.receipts_kept).date())
        return 0

    async def forget_keys(self, tx: Transaction) -> int:
        """Forget by which a webhook is known again, later than the receipt itself."""
        return await store.forget_keys(tx, (self._clock.now() - self._settings.receipt_keys_kept).date())
