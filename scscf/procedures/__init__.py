"""What the S-CSCF does when something happens: each procedure plans, asks the HSS, answers and commits."""
