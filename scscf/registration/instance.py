"""Instance ids: the URN of one UE, the same in every one of its registrations (RFC 5626 §4.1)."""


def canonical_instance(instance: str) -> str:
    """Return an instance id in the form to compare, without `<>`: equal URNs become equal text (RFC 8141 §3.1).

    `urn:` and the namespace are case-insensitive; what follows is so for `uuid` (RFC 9562) and for `gsma` (RFC 7254).
    """
    text = instance.strip("<> ")
    scheme, _, rest = text.partition(":")
    if scheme.lower() != "urn":
        return text
    namespace, colon, name = rest.partition(":")
    namespace = namespace.lower()
    return f"urn:{namespace}{colon}{name.lower() if namespace in ('uuid', 'gsma') else name}"


def same_instance(first: str, second: str) -> bool:
    """Tell whether two instance ids, with or without `<>`, are the same URN (RFC 5626 §4.1)."""
    return first == second or canonical_instance(first) == canonical_instance(second)
