"""The messages that were seen: kept in a ring, summed up, shown without secrets."""
