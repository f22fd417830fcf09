"""The store's part of the nightly housekeeping. Importing this module registers it."""

from datetime import datetime, timedelta

from workflow_app.documents import objects
from workflow_app.organisations.housekeeping import Policy, chore

# A put takes seconds: what is older was left by a process that died. Not a policy, so no setting.
_LEFT_BEHIND = timedelta(hours=1)


@chore("store_leftovers")
def sweep_store(at: datetime, policy: Policy) -> int:
    """Removes what interrupted puts left in the store; never an object. Raises StorageUnavailable."""
    return objects.store().sweep(_LEFT_BEHIND)
