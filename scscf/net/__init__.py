"""Where the rules meet the world: turns and timers, sockets of the machine or in memory, DNS, SIP and Diameter."""
