"""An S-CSCF simulator: registrar, reg-event notifier and network-initiated de-registration."""

__version__ = "0.1.0"
