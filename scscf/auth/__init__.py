"""Who a request comes from: digest arithmetic and the challenges that are open (RFC 3261 §22, RFC 7616, RFC 8760)."""
