"""What the fixtures of the pytest plugin are: an S-CSCF on sockets beside the test, simulated UEs, and its clock."""
