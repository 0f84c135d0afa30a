"""Why an answer does not fit its question."""


class Unfit(ValueError):
    """An answer that does not fit its question. The message follows the question's label and is read by the sender: ``is not a number``.

    It repeats nothing of the answer, except the readings of a number or a date that can be two. ``code`` names the reason where several are told apart.
    """

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.code = code
