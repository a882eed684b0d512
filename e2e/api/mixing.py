"""Requests between one that succeeds and one that was generated."""


def one_changed(given, generated, chance):
    """What succeeds, with one value as it was generated, or left out."""
    if not isinstance(given, dict) or not isinstance(generated, dict):
        return generated
    if not given and not generated:
        return given
    mixed = dict(given)
    name = chance.choice(sorted(set(given) | set(generated), key=str))
    if name in generated:
        mixed[name] = generated[name]
    else:
        del mixed[name]
    return mixed
