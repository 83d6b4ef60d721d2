"""The verdict on anybody's trace: who the network is in it, what it owed whom, and what it did wrong."""
