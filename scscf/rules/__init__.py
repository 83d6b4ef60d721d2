"""Rules: scripted behaviour of a running S-CSCF, for the UE that is attached to it to be tested by."""
