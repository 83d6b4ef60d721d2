"""What a UE owes its network, and how it asks: the judge of UEs and watchers."""
