"""Why an answer does not fit its question."""

from gridwix.models.answer_faults import ANSWER_FAULTS
from gridwix.models.texts import PLACEHOLDER, Sentence


class Unfit(ValueError):
    """An answer that does not fit its question, by a code of ``gridwix.models.answer_faults`` and its values. The text follows the question's label.

    It repeats nothing of the answer, except the readings of a number or a date that can be two. ``code`` names the reason where the portal's own code says
    the same beside the field.
    """

    def __init__(self, said: str, code: str = "", **values: str | int) -> None:
        text = ANSWER_FAULTS[said]
        if isinstance(text, tuple):
            text = text[0 if values.get("count") == 1 else 1]
        super().__init__(PLACEHOLDER.sub(lambda found: str(values[found[1]]), text))
        self.code = code
        self.sentence = Sentence(code=f"unfit.{said}", values=values)
