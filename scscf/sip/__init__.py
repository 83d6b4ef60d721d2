"""SIP without sockets: messages, URIs, transactions, dialogs and routing (RFC 3261, 3263, 3581, 4320)."""
