"""What a network owes a UE or a watcher, and how it tells: the judge of registrars, notifiers and S-CSCFs."""
