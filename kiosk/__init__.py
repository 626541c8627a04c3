"""The graduation photo booth."""


def installed_version() -> str:
    """The version of the package that is installed, as records and status name it."""
    from importlib.metadata import version

    return version("graduation-photo-booth")
