"""The view of links and addresses that the kernel tells (rtnetlink)."""
