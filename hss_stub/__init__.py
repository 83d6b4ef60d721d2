"""An HSS in miniature: subscribers from a YAML file, answering in the words of the Cx reference point (TS 29.228)."""
