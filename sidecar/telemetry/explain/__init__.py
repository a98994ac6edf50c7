"""Why a virtual router does what it does: every number with its origin."""
