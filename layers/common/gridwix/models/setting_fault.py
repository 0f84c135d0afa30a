"""Error that a validator raises for a setting that breaks a rule."""


class SettingFault(ValueError):
    """A setting breaks a rule. ``fault`` says what is wrong, ``fix`` what to do about it.

    >>> str(SettingFault("two rules have the key a", "rename one"))
    'two rules have the key a: rename one'
    """

    def __init__(self, fault: str, fix: str) -> None:
        super().__init__(f"{fault}: {fix}")
        self.fault = fault
        self.fix = fix
